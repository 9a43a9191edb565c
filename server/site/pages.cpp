// SPDX-License-Identifier: Apache-2.0
#include "server/site/pages.hpp"

#include <fmt/format.h>

namespace pointman::site {

http::Response health(config::Settings const& settings, db::Store& store) {
    auto const readable = store.read([](db::Session&) -> Result<bool> { return true; });
    bool const well = readable.has_value();
    return {well ? 200U : 503U,
            {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
            to_bytes(fmt::format("{{\"status\":\"{}\",\"site\":\"{}\"}}\n", well ? "ok" : "no storage",
                                 settings.site.code))};
}

http::Response metrics(service::Metrics const& metrics) {
    return {200, {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}, to_bytes(metrics.text())};
}

} // namespace pointman::site
