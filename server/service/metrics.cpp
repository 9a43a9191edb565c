// SPDX-License-Identifier: Apache-2.0
#include "server/service/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace pointman::service {

namespace {

constexpr std::array<std::string_view, 5> outcomes{"accepted", "duplicate", "refused", "malformed", "failed"};

} // namespace

std::string_view name_of(Outcome outcome) {
    return outcomes.at(static_cast<std::size_t>(outcome));
}

struct Metrics::Impl {
    struct Figure {
        std::string name;
        std::string help;
        bool counter;
        void const* source;
        Gauge read;
    };

    /// Those of one endpoint. The registry finds them by maps of labels, too slowly for each message.
    struct Endpoint {
        std::array<prometheus::Counter*, outcomes.size()>
            messages{}; ///< by outcome; null until there was one
        prometheus::Histogram* seconds = nullptr;
    };

    Endpoint& endpoint(std::string_view name);
    prometheus::Counter& counter(Endpoint& of, std::string_view name, Outcome outcome) const;

    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>* messages = nullptr;
    prometheus::Family<prometheus::Histogram>* seconds = nullptr;
    std::vector<Figure> figures; // filled before threads start
    std::mutex mutex;            // held for one look into the table
    std::map<std::string, Endpoint, std::less<>> endpoints;
};

Metrics::Impl::Endpoint& Metrics::Impl::endpoint(std::string_view name) {
    static prometheus::Histogram::BucketBoundaries const buckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                                 0.05,   0.1,   0.25,   0.5,   1.0,  5.0};
    if (auto const known = endpoints.find(name); known != endpoints.end()) return known->second;
    auto& made = endpoints[std::string(name)];
    made.seconds = &seconds->Add({{"endpoint", std::string(name)}}, buckets);
    return made;
}

prometheus::Counter& Metrics::Impl::counter(Endpoint& of, std::string_view name, Outcome outcome) const {
    auto*& counter = of.messages.at(static_cast<std::size_t>(outcome));
    if (counter == nullptr) {
        counter =
            &messages->Add({{"endpoint", std::string(name)}, {"outcome", std::string(name_of(outcome))}});
    }
    return *counter;
}

Metrics::Metrics()
    : impl_(std::make_unique<Impl>()) {
    impl_->messages = &prometheus::BuildCounter()
                           .Name("pointman_messages_total")
                           .Help("Messages by endpoint and outcome")
                           .Register(impl_->registry);
    impl_->seconds = &prometheus::BuildHistogram()
                          .Name("pointman_message_seconds")
                          .Help("Time from a message read to its answer, by endpoint")
                          .Register(impl_->registry);
}

Metrics::~Metrics() = default;

void Metrics::count(std::string_view endpoint, Outcome outcome, std::chrono::nanoseconds took) {
    std::unique_lock lock(impl_->mutex);
    auto& known = impl_->endpoint(endpoint);
    auto& messages = impl_->counter(known, endpoint, outcome);
    lock.unlock();
    messages.Increment();
    known.seconds->Observe(std::chrono::duration<double>(took).count());
}

void Metrics::add_figure(std::string name, std::string help, bool counter, void const* source, Gauge read) {
    impl_->figures.push_back({std::move(name), std::move(help), counter, source, read});
}

std::string Metrics::text() const {
    auto families = impl_->registry.Collect();
    for (auto const& figure : impl_->figures) {
        prometheus::MetricFamily family{figure.name,
                                        figure.help,
                                        figure.counter ? prometheus::MetricType::Counter
                                                       : prometheus::MetricType::Gauge,
                                        {}};
        prometheus::ClientMetric metric;
        (figure.counter ? metric.counter.value : metric.gauge.value) = figure.read(figure.source);
        family.metric.push_back(metric);
        families.push_back(std::move(family));
    }
    return prometheus::TextSerializer{}.Serialize(families);
}

} // namespace pointman::service
