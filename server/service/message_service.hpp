// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "db/store.hpp"
#include "endpoints/directory.hpp"
#include "server/log_throttle.hpp"
#include "server/logging.hpp"
#include "server/service/metrics.hpp"
#include "server/uploads/sessions.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace pointman::service {

/// A message as HTTP delivered it, or as the quarantine kept it.
struct Submission {
    std::string request_id;
    std::string path;
    std::string content_type;
    Bytes body;
    std::string peer;
    std::string integrated_account; ///< what the connection proved on the windowsauth path; "" = nothing
    Bytes certificate;              ///< DER of the TLS client certificate, where it is trusted; empty = none
    std::optional<std::int64_t> replay_of; ///< quarantine entry that is put through again
    std::string host{};                    ///< the Host header: the address that the client used
    bool is_tls = false;                   ///< how it used it
    bool by_operator = false;              ///< as in Transport
};

/// What goes back. `retry` means that nothing was kept and the client must send again (503).
struct Answer {
    Outcome outcome = Outcome::accepted;
    bool retry = false;
    Bytes body;                 ///< empty = the empty 200
    std::optional<Error> error; ///< why it was refused or failed
};

/// What is done around every endpoint, written once and in this order: decode, authenticate, approval,
/// validate, handle and persist in one transaction, audit line, metrics.
class MessageService {
public:
    struct Parts {
        config::Settings const& settings;
        endpoints::Directory const& directory;
        db::Store& store;
        Clock const& clock;
        log::Logs& logs;
        Metrics& metrics;
        boost::asio::any_io_executor workers; ///< where large bodies are parsed
        wire::Decrypt decrypt;                ///< opens encrypted messages; empty = they are refused
        endpoints::Trusts trusts;             ///< as in endpoints::Site
        uploads::Sessions* uploads = nullptr; ///< null = uploads are off
        /// Counts what an upload brings into memory until the last copy is gone; null = too much at present.
        std::function<std::shared_ptr<void>(std::uint64_t bytes)> hold{};
        /// While so many writes wait, a post is refused before it is looked at: that costs least when there
        /// is too much to do.
        std::size_t most_waiting_writes = db::StoreOptions{}.queue_capacity;
    };
    explicit MessageService(Parts parts);

    /// Answers when what the message asked for, or its quarantine entry, is durable.
    boost::asio::awaitable<Answer> receive(Submission submission);

private:
    struct Examined;
    struct Refusal;
    struct Stored;
    struct Uploaded;
    struct Completed;
    using Verdict = std::variant<Examined, Refusal, wire::UploadRequest, Uploaded>;
    using Start = std::chrono::steady_clock::time_point;

    Verdict examine(Submission const& submission) const;
    /// On this thread, or on a worker where that takes long.
    boost::asio::awaitable<Verdict> examine_in_place(Submission const& submission) const;
    boost::asio::awaitable<Verdict> examine_on_worker(Submission const& submission) const;
    boost::asio::awaitable<Answer> conclude(Submission const& submission, Verdict verdict,
                                            Start started) const;
    boost::asio::awaitable<Answer> offer_upload(Submission const& submission, wire::UploadRequest request,
                                                Start started) const;
    /// The way of a message whose payload was uploaded; apart from finding that, any message's way.
    boost::asio::awaitable<Answer> receive_uploaded(Submission const& submission, Uploaded uploaded,
                                                    Start started) const;
    Completed complete(Submission const& submission, Uploaded const& uploaded) const;
    Completed complete_with(Submission const& submission, Uploaded const& uploaded,
                            db::Upload const& upload) const;
    boost::asio::awaitable<Completed> complete_on_worker(Submission const& submission,
                                                         Uploaded const& uploaded) const;
    boost::asio::awaitable<void> use_up_on_worker(Submission const& submission, db::Upload const& upload,
                                                  bool is_refused) const;
    boost::asio::awaitable<Answer> persist(Submission const& submission, Examined examined) const;
    /// What comes before the transaction and may block.
    boost::asio::awaitable<Result<void>> stage(Examined& examined) const;
    static boost::asio::awaitable<Result<void>> stage_on_worker(endpoints::WriteWork& work);
    Result<Stored> write_message(db::Transaction& transaction, Submission const& submission,
                                 Examined& examined) const;
    Result<void> forget_old_marks(db::Transaction& transaction, TimePoint now) const;
    boost::asio::awaitable<Answer> refuse(Submission const& submission, Refusal refusal) const;
    static std::string_view client_of(Examined const& examined, endpoints::Reply const& reply);
    Answer answer_to(Submission const& submission, Examined const& examined, Stored stored) const;
    Answer failed(Submission const& submission, Refusal const& refusal) const;
    Bytes reply_bytes(wire::Header const& request, std::string_view xml) const;
    log::Log const& log_of(endpoints::Endpoint const* endpoint) const;

    Parts parts_;
    wire::Limits wire_limits_;
    log::Log framework_;
    mutable std::atomic<TimePoint> marks_forgotten_{}; ///< in which second
    mutable log::Throttle too_much_;                   ///< of records that there was too much to do
    std::map<endpoints::Endpoint const*, log::Log> endpoint_logs_;
};

} // namespace pointman::service
