// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/store.hpp"
#include "server/http/server.hpp"
#include "server/service/failure_limit.hpp"
#include "server/service/metrics.hpp"
#include "server/uploads/sessions.hpp"

#include <atomic>
#include <cstdint>

namespace pointman {

// The figures that parts of the daemon count by themselves, by their names among the metrics. What is counted
// must outlive the metrics' last use.

void register_figures(service::Metrics& metrics, http::Counters const& http, db::Store const& store);
void register_figures(service::Metrics& metrics, uploads::Counters const& counters,
                      std::atomic<std::uint64_t> const& refusals);
void register_figures(service::Metrics& metrics, service::FailureLimit const& failures,
                      std::atomic<std::uint64_t> const& certificates_refused);

} // namespace pointman
