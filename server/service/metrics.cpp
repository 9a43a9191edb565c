// SPDX-License-Identifier: Apache-2.0
#include "server/service/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <utility>
#include <vector>

namespace pointman::service {

std::string_view name_of(Outcome outcome) {
    constexpr std::array<std::string_view, 5> names{"accepted", "duplicate", "refused", "malformed",
                                                    "failed"};
    return names.at(static_cast<std::size_t>(outcome));
}

struct Metrics::Impl {
    struct Figure {
        std::string name;
        std::string help;
        bool counter;
        void const* source;
        Gauge read;
    };

    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>* messages = nullptr;
    prometheus::Family<prometheus::Histogram>* seconds = nullptr;
    std::vector<Figure> figures; // filled before threads start
};

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
    static prometheus::Histogram::BucketBoundaries const buckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                                 0.05,   0.1,   0.25,   0.5,   1.0,  5.0};
    std::string const name(endpoint);
    impl_->messages->Add({{"endpoint", name}, {"outcome", std::string(name_of(outcome))}}).Increment();
    impl_->seconds->Add({{"endpoint", name}}, buckets).Observe(std::chrono::duration<double>(took).count());
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
