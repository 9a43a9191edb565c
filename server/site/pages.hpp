// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "db/store.hpp"
#include "server/http/types.hpp"
#include "server/service/metrics.hpp"

namespace pointman::site {

/// `/health`: 200 and a line of JSON while the store answers, 503 when it does not.
http::Response health(config::Settings const& settings, db::Store& store);

/// `/metrics`: Prometheus text.
http::Response metrics(service::Metrics const& metrics);

} // namespace pointman::site
