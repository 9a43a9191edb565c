// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace prometheus {
class Collectable;
}

namespace pointman::service {

/// How a message ended.
enum class Outcome { accepted, duplicate, refused, malformed, failed };
std::string_view name_of(Outcome outcome);

/// Counters and times of messages, and whatever other parts register, in Prometheus' text form. Thread safe.
class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(Metrics const&) = delete;
    Metrics& operator=(Metrics const&) = delete;

    void count(std::string_view endpoint, Outcome outcome, std::chrono::nanoseconds took);

    /// A figure that is read when the page is asked for.
    using Gauge = double (*)(void const* source);
    void add_figure(std::string name, std::string help, bool counter, void const* source, Gauge read);

    /// The page, `text/plain; version=0.0.4`.
    std::string text() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace pointman::service
