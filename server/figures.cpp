// SPDX-License-Identifier: Apache-2.0
#include "server/figures.hpp"

#include <initializer_list>

namespace pointman {

namespace {

double counter_value(void const* source) {
    return static_cast<double>(static_cast<std::atomic<std::uint64_t> const*>(source)->load());
}

} // namespace

void register_figures(service::Metrics& metrics, http::Counters const& http, db::Store const& store) {
    struct Row {
        char const* name;
        char const* help;
        bool counter;
        std::atomic<std::uint64_t> const* value;
    };
    for (Row const& row : std::initializer_list<Row>{
             {"pointman_connections_accepted_total", "Connections accepted", true, &http.accepted},
             {"pointman_connections_open", "Connections open now", false, &http.open},
             {"pointman_requests_total", "Requests read", true, &http.requests},
             {"pointman_connections_refused_total", "Refused: too many connections", true,
              &http.refused_connections},
             {"pointman_connections_refused_address_total", "Refused: too many from one address", true,
              &http.refused_address},
             {"pointman_handshake_failures_total", "TLS handshakes that failed", true,
              &http.handshake_failures},
             {"pointman_timeouts_total", "Connections closed for being too slow", true, &http.timeouts},
             {"pointman_malformed_total", "Requests that were no HTTP", true, &http.malformed},
             {"pointman_too_large_total", "Requests over a size limit", true, &http.too_large},
             {"pointman_overload_total", "Requests refused with 503", true, &http.overload},
             {"pointman_accept_failures_total", "Failed accepts", true, &http.accept_failures},
             {"pointman_in_flight_bytes", "Bytes of bodies being read or processed", false,
              &http.in_flight}}) {
        metrics.add_figure(row.name, row.help, row.counter, row.value, counter_value);
    }
    metrics.add_figure("pointman_store_commits_total", "Commits", true, &store, [](void const* source) {
        return static_cast<double>(static_cast<db::Store const*>(source)->counters().commits);
    });
    metrics.add_figure(
        "pointman_store_writes_total", "Writes inside commits", true, &store, [](void const* source) {
            return static_cast<double>(static_cast<db::Store const*>(source)->counters().writes);
        });
    metrics.add_figure("pointman_store_queued", "Writes waiting", false, &store, [](void const* source) {
        return static_cast<double>(static_cast<db::Store const*>(source)->counters().queued);
    });
}

void register_figures(service::Metrics& metrics, uploads::Counters const& counters,
                      std::atomic<std::uint64_t> const& refusals) {
    struct Row {
        char const* name;
        char const* help;
        std::atomic<std::uint64_t> const* value;
    };
    for (Row const& row : std::initializer_list<Row>{
             {"pointman_upload_sessions_total", "Sessions of uploads begun", &counters.begun},
             {"pointman_upload_bytes_total", "Bytes of uploads that are durable", &counters.bytes},
             {"pointman_uploads_finished_total", "Uploads that came to their end", &counters.finished},
             {"pointman_uploads_cancelled_total", "Uploads that their clients gave up", &counters.cancelled},
             {"pointman_uploads_used_total", "Uploads whose message came", &counters.used},
             {"pointman_uploads_expired_total", "Uploads removed because nothing came any more",
              &counters.expired},
             {"pointman_upload_refusals_total", "Packets of uploads that were refused", &refusals}}) {
        metrics.add_figure(row.name, row.help, true, row.value, counter_value);
    }
}

void register_figures(service::Metrics& metrics, service::FailureLimit const& failures,
                      std::atomic<std::uint64_t> const& certificates_refused) {
    metrics.add_figure("pointman_authentication_failures_total",
                       "Signatures, tokens, accounts and certificates that were not accepted", true,
                       &failures, [](void const* source) {
                           return static_cast<double>(
                               static_cast<service::FailureLimit const*>(source)->failures());
                       });
    metrics.add_figure("pointman_authentications_turned_away_total",
                       "Requests refused with 503 because their address failed too often", true, &failures,
                       [](void const* source) {
                           return static_cast<double>(
                               static_cast<service::FailureLimit const*>(source)->turned_away());
                       });
    metrics.add_figure("pointman_client_certificates_refused_total",
                       "Requests refused with 403 for want of a trusted client certificate", true,
                       &certificates_refused, counter_value);
}

} // namespace pointman
