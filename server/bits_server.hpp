// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/http/types.hpp"
#include "server/logging.hpp"
#include "server/uploads/sessions.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <cstdint>

namespace pointman {

/// The refusal of an upload in the words of BITS, where uploads are off (wire.md 10.2).
http::Response uploads_are_off();

/// Answers the packets of BITS uploads (wire.md 10.2): what the sessions say, in HTTP.
class BitsServer {
public:
    /// Sessions block, so they work on `workers`.
    BitsServer(uploads::Sessions& sessions, boost::asio::any_io_executor workers, log::Log log)
        : sessions_(sessions)
        , workers_(std::move(workers))
        , log_(std::move(log)) {}

    boost::asio::awaitable<http::Response> answer(http::Request const& request) const;

    std::atomic<std::uint64_t> const& refusals() const { return refusals_; }

private:
    boost::asio::awaitable<http::Response> answer_on_worker(http::Request const& request) const;
    uploads::Outcome<http::Response> handle(http::Request const& request) const;
    uploads::Outcome<http::Response> create(http::Request const& request,
                                            std::string const& message_id) const;
    uploads::Outcome<http::Response> append(http::Request const& request,
                                            uploads::SessionKey const& key) const;
    uploads::Outcome<http::Response> close(http::Request const& request,
                                           uploads::SessionKey const& key) const;
    uploads::Outcome<http::Response> cancel(http::Request const& request,
                                            uploads::SessionKey const& key) const;

    uploads::Sessions& sessions_;
    boost::asio::any_io_executor workers_;
    log::Log log_;
    mutable std::atomic<std::uint64_t> refusals_{0};
};

} // namespace pointman
