// SPDX-License-Identifier: Apache-2.0
#include "server/service/message_service.hpp"

#include "base/hex.hpp"
#include "base/time.hpp"
#include "db/async.hpp"
#include "db/processed_messages.hpp"
#include "db/quarantine.hpp"
#include "server/service/authenticate.hpp"
#include "server/service/choose_document.hpp"
#include "server/service/message_parts.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace pointman::service {

namespace {

/// Bodies up to this many bytes are examined where they were read: a switch of threads would cost more.
constexpr std::size_t small_body = std::size_t{64} * 1024;

wire::Limits limits_from(config::Settings const& settings) {
    wire::Limits limits;
    limits.max_inflated = settings.limits.max_inflated;
    return limits;
}

bool is_storage_failure(Code code) {
    return !is_refusal(code);
}

/// Clients give a message up within hours (messaging-api.md 8); a machine that was asleep may come back with
/// it.
constexpr std::chrono::days repeats_expected{30};

db::QuarantineEntry quarantine_entry(Submission const& submission, wire::Header const& header,
                                     Error const& error, std::string_view endpoint, TimePoint now) {
    db::QuarantineEntry entry;
    entry.time = now;
    entry.request_id = submission.request_id;
    entry.endpoint = endpoint;
    auto const id = ClientId::parse(header.source_id);
    entry.client = id ? id->text() : header.source_id;
    entry.peer = submission.peer;
    entry.path = submission.path;
    entry.content_type = submission.content_type;
    entry.reason = name_of(error.code);
    entry.detail = error.detail.empty() ? error.message : error.message + " [" + error.detail + "]";
    entry.line = error.line;
    entry.column = error.column;
    entry.raw = submission.body;
    return entry;
}

Result<std::int64_t> keep_refused(db::Transaction& transaction, Submission const& submission,
                                  db::QuarantineEntry entry, Error const& error,
                                  config::Settings const& settings) {
    if (submission.replay_of) {
        auto noted = db::Quarantine::refused_again(transaction, *submission.replay_of, error);
        if (!noted) return std::unexpected(noted.error());
        return *submission.replay_of;
    }
    db::QuarantineCaps const caps{settings.quarantine.max_bytes,
                                  std::chrono::days{settings.quarantine.max_days}};
    return db::Quarantine::add(transaction, std::move(entry), caps);
}

} // namespace

MessageService::MessageService(Parts parts)
    : parts_(std::move(parts))
    , wire_limits_(limits_from(parts_.settings))
    , framework_(parts_.logs.get("MP_Framework")) {
    for (auto const& endpoint : parts_.directory.all()) {
        endpoint_logs_.emplace(endpoint.get(), parts_.logs.get(endpoint->info().log));
    }
}

log::Log const& MessageService::log_of(endpoints::Endpoint const* endpoint) const {
    auto const found = endpoint_logs_.find(endpoint);
    return found == endpoint_logs_.end() ? framework_ : found->second;
}

boost::asio::awaitable<Answer> MessageService::receive(Submission submission) {
    auto const started = std::chrono::steady_clock::now();
    auto verdict = co_await examine_in_place(submission);
    if (auto* request = std::get_if<wire::UploadRequest>(&verdict))
        co_return co_await offer_upload(submission, std::move(*request), started);
    if (auto* uploaded = std::get_if<Uploaded>(&verdict))
        co_return co_await receive_uploaded(submission, std::move(*uploaded), started);
    co_return co_await conclude(submission, std::move(verdict), started);
}

boost::asio::awaitable<Answer> MessageService::conclude(Submission const& submission, Verdict verdict,
                                                        Start started) const {
    if (auto* refusal = std::get_if<Refusal>(&verdict)) {
        refusal->started = started;
        co_return co_await refuse(submission, std::move(*refusal));
    }
    auto& examined = std::get<Examined>(verdict);
    examined.started = started;
    co_return co_await persist(submission, std::move(examined));
}

boost::asio::awaitable<MessageService::Verdict>
MessageService::examine_in_place(Submission const& submission) const {
    if (submission.body.size() <= small_body) co_return examine(submission);
    co_return co_await boost::asio::co_spawn(parts_.workers, examine_on_worker(submission),
                                             boost::asio::use_awaitable);
}

boost::asio::awaitable<MessageService::Verdict>
MessageService::examine_on_worker(Submission const& submission) const {
    co_return examine(submission);
}

MessageService::Verdict MessageService::examine(Submission const& submission) const {
    Refusal refusal;
    auto refuse_with = [&refusal](Error error) -> Verdict {
        refusal.error = std::move(error);
        return std::move(refusal);
    };

    auto decoded = wire::decode(submission.content_type, submission.body, wire_limits_);
    if (!decoded) return refuse_with(std::move(decoded.error()));
    if (auto* request = std::get_if<wire::UploadRequest>(&*decoded)) return std::move(*request);
    auto* envelope = std::get_if<wire::Envelope>(&*decoded);
    if (envelope->names_upload() && parts_.uploads != nullptr)
        return Uploaded{std::move(envelope->header), envelope->document};
    refusal.header = envelope->header;

    auto const name = envelope->header.endpoint();
    refusal.endpoint = parts_.directory.find(name);
    if (refusal.endpoint == nullptr) {
        return refuse_with({Code::unknown_endpoint, "no endpoint is called '" + std::string(name) + "'", {}});
    }
    auto const& endpoint = *refusal.endpoint;
    if (!envelope->has_payload) return refuse_with({Code::malformed, "the message has no payload", {}});
    // Who asks something is answered from a snapshot. A report may be large, and needs none.
    bool const is_post = endpoint.info().delivery == endpoints::Delivery::post;
    if (is_post && parts_.store.counters().queued >= parts_.most_waiting_writes)
        return refuse_with({Code::busy, "too many writes are waiting", {}});

    auto payload = wire::decrypted_payload(*envelope, parts_.decrypt);
    if (!payload) return refuse_with(std::move(payload.error()));

    auto snapshot = parts_.store.snapshot();
    if (!snapshot) return refuse_with(std::move(snapshot.error()));
    Transport const transport{submission.certificate, parts_.trusts, parts_.clock.now(),
                              submission.by_operator};
    auto authentication = authenticate(parts_.settings, endpoint.info(), envelope->header, *payload,
                                       transport, snapshot->session());
    if (!authentication) return refuse_with(std::move(authentication.error()));
    if (is_post) snapshot->end();

    auto message = wire::open(std::move(envelope->header), *payload, wire_limits_);
    if (!message) return refuse_with(std::move(message.error()));
    if (message->payload().size() > endpoint.max_size()) {
        return refuse_with({Code::exceed_size_limit,
                            fmt::format("{} bytes, and this endpoint takes {}", message->payload().size(),
                                        endpoint.max_size()),
                            {}});
    }
    auto chosen = choose_document(endpoint, *message);
    if (!chosen) {
        refusal.root_known = chosen.error().root_known;
        return refuse_with(std::move(chosen.error().error));
    }
    refusal.document = std::make_shared<schemas::Document>(std::move(chosen->document));

    endpoints::Incoming const incoming{*message,
                                       chosen->bytes,
                                       authentication->sender,
                                       authentication->signature_verified,
                                       submission.integrated_account,
                                       submission.peer,
                                       transport.received,
                                       authentication->medium,
                                       submission.certificate};
    auto work = endpoint.prepare(incoming, *refusal.document);
    if (!work) return refuse_with(std::move(work.error()));

    Examined examined{&endpoint,
                      std::move(*refusal.header),
                      refusal.document,
                      std::move(authentication->sender),
                      authentication->signature_verified,
                      is_post ? sha256_hex(*payload) : std::string(),
                      {},
                      {}};
    if (auto* write = std::get_if<endpoints::WriteWork>(&*work)) {
        examined.outcome = std::move(*write);
        return examined;
    }
    auto reply = std::get<endpoints::ReadWork>(*work)(snapshot->session());
    if (!reply) {
        refusal.header = std::move(examined.header);
        refusal.root_known = true;
        return refuse_with(std::move(reply.error()));
    }
    examined.outcome = std::move(*reply);
    return examined;
}

boost::asio::awaitable<Answer> MessageService::persist(Submission const& submission,
                                                       Examined examined) const {
    if (auto* reply = std::get_if<endpoints::Reply>(&examined.outcome)) {
        Stored stored{std::move(*reply), {}, 0, false};
        if (!submission.replay_of) co_return answer_to(submission, examined, std::move(stored));
        // A replay has its entry to close, so it is written after all.
        examined.outcome = endpoints::WriteWork{
            [kept = std::move(stored.reply)](db::Transaction&) -> Result<endpoints::Reply> { return kept; }};
    }
    auto shared = std::make_shared<Examined>(std::move(examined));
    auto work = [this, shared, &submission](db::Transaction& transaction) {
        return write_message(transaction, submission, *shared);
    };
    Result<Stored> stored;
    if (auto staged = co_await stage(*shared); !staged) {
        stored = std::unexpected(std::move(staged.error()));
    } else {
        stored = co_await db::write(parts_.store, std::move(work), db::Runs::again);
    }
    if (!stored) {
        Refusal const refusal{std::move(stored.error()),
                              std::move(shared->header),
                              shared->endpoint,
                              std::move(shared->document),
                              true,
                              shared->started};
        co_return failed(submission, refusal);
    }
    co_return answer_to(submission, *shared, std::move(*stored));
}

boost::asio::awaitable<Result<void>> MessageService::stage(Examined& examined) const {
    auto& work = std::get<endpoints::WriteWork>(examined.outcome);
    if (!work.stage) co_return Result<void>();
    co_return co_await boost::asio::co_spawn(parts_.workers, stage_on_worker(work),
                                             boost::asio::use_awaitable);
}

boost::asio::awaitable<Result<void>> MessageService::stage_on_worker(endpoints::WriteWork& work) {
    co_return work.stage();
}

/// All that one message writes: what its endpoint makes of it, or its quarantine entry.
Result<MessageService::Stored> MessageService::write_message(db::Transaction& transaction,
                                                             Submission const& submission,
                                                             Examined& examined) const {
    auto const& info = examined.endpoint->info();
    auto const now = parts_.clock.now();
    // A repeat is recognised only where the sender is proven: nobody can make another's message vanish.
    bool const repeatable = info.delivery == endpoints::Delivery::post && examined.signature_verified &&
                            examined.sender && !examined.header.id.empty();
    db::ProcessedMessage const mark{examined.sender ? examined.sender->id.text() : std::string(),
                                    examined.header.id, examined.payload_sha256, now};
    if (repeatable) {
        auto const is_new = db::ProcessedMessages::add(transaction, mark);
        if (!is_new) return std::unexpected(is_new.error());
        if (!*is_new) return Stored{{}, {}, 0, true};
    }
    auto& work = std::get<endpoints::WriteWork>(examined.outcome);
    auto reply = work.handle(transaction);
    if (!reply && is_storage_failure(reply.error().code)) return std::unexpected(std::move(reply.error()));
    if (!reply) transaction.undo();
    auto const quarantine = [&](Error const& error) {
        auto entry = quarantine_entry(submission, examined.header, error, info.name, now);
        return keep_refused(transaction, submission, std::move(entry), error, parts_.settings);
    };
    if (!reply || reply->refusal) {
        // What is refused now may be taken when it comes again.
        if (auto done = repeatable ? db::ProcessedMessages::remove(transaction, mark) : Result<void>(); !done)
            return std::unexpected(std::move(done.error()));
        auto error = reply ? std::move(*reply->refusal) : std::move(reply.error());
        auto kept = quarantine(error);
        if (!kept) return std::unexpected(std::move(kept.error()));
        return Stored{reply ? std::move(*reply) : endpoints::Reply{}, std::move(error), *kept, false};
    }
    // An entry that is put through again is not made twice.
    if (reply->unusable_part && !submission.replay_of) {
        if (auto kept = quarantine(*reply->unusable_part); !kept)
            return std::unexpected(std::move(kept.error()));
    }
    Result<void> written;
    if (repeatable) written = forget_old_marks(transaction, now);
    if (written && examined.sender) written = db::Clients::touch(transaction, examined.sender->id, now);
    if (written && submission.replay_of) written = db::Quarantine::close(transaction, *submission.replay_of);
    if (!written) return std::unexpected(std::move(written.error()));
    return Stored{std::move(*reply), {}, 0, false};
}

/// With the first mark of each second, so that there is never much to do, and no task of its own to do it.
Result<void> MessageService::forget_old_marks(db::Transaction& transaction, TimePoint now) const {
    auto const second = std::chrono::floor<std::chrono::seconds>(now);
    if (marks_forgotten_.exchange(second) == second) return {};
    auto const forgotten = db::ProcessedMessages::forget_before(transaction, now - repeats_expected);
    if (!forgotten) return std::unexpected(forgotten.error());
    return {};
}

std::string_view MessageService::client_of(Examined const& examined, endpoints::Reply const& reply) {
    if (examined.sender) return examined.sender->id.text();
    return reply.client.empty() ? examined.header.source_id : reply.client;
}

Answer MessageService::answer_to(Submission const& submission, Examined const& examined,
                                 Stored stored) const {
    auto const& info = examined.endpoint->info();
    log::Context const context{submission.request_id, client_of(examined, stored.reply)};
    auto const& log = log_of(examined.endpoint);
    auto const took = std::chrono::steady_clock::now() - examined.started;

    log::Together const together;
    for (auto const& note : stored.reply.notes) {
        if (note.kind == endpoints::Note::Kind::warning) {
            log.warning(context, "{}", note.text);
        } else {
            log.info(context, "{}", note.text);
        }
    }
    Answer answer;
    std::string xml = std::move(stored.reply.xml);
    if (stored.refused) {
        answer.outcome = Outcome::refused;
        log.error(context, "Refused message {} for {} from {}: {}; quarantine entry {}", examined.header.id,
                  info.name, submission.peer, describe(*stored.refused), stored.quarantine_id);
        xml = examined.endpoint->refusal_reply(examined.document.get(), *stored.refused);
        answer.error = std::move(stored.refused);
    } else {
        answer.outcome = stored.duplicate ? Outcome::duplicate : Outcome::accepted;
        constexpr auto text = "{} message {} for {} from {}, {} bytes";
        auto const* const how = stored.duplicate ? "Acknowledged again" : "Accepted";
        // What changed nothing has said in its notes what it was; clients ask so most often.
        if (std::holds_alternative<endpoints::Reply>(examined.outcome) && !stored.reply.notes.empty()) {
            log.debug(context, text, how, examined.header.id, info.name, submission.peer,
                      submission.body.size());
        } else {
            log.info(context, text, how, examined.header.id, info.name, submission.peer,
                     submission.body.size());
        }
    }
    answer.body = reply_bytes(examined.header, xml);
    parts_.metrics.count(info.name, answer.outcome, took);
    return answer;
}

boost::asio::awaitable<Answer> MessageService::refuse(Submission const& submission, Refusal refusal) const {
    if (is_storage_failure(refusal.error.code)) co_return failed(submission, refusal);

    auto const took = [&refusal] { return std::chrono::steady_clock::now() - refusal.started; };
    if (!refusal.header) {
        framework_.error({submission.request_id, {}},
                         "Dropped a request from {} to {} that is no message: {}", submission.peer,
                         submission.path, describe(refusal.error));
        parts_.metrics.count("", Outcome::malformed, took());
        co_return Answer{Outcome::malformed, false, {}, std::move(refusal.error)};
    }

    auto const name =
        refusal.endpoint != nullptr ? refusal.endpoint->info().name : refusal.header->endpoint();
    auto entry = quarantine_entry(submission, *refusal.header, refusal.error, name, parts_.clock.now());
    auto work = [this, &submission, entry = std::move(entry),
                 error = refusal.error](db::Transaction& transaction) mutable {
        return keep_refused(transaction, submission, std::move(entry), error, parts_.settings);
    };
    auto kept = co_await db::write(parts_.store, std::move(work));
    if (!kept) {
        refusal.error = std::move(kept.error());
        co_return failed(submission, refusal);
    }
    log_of(refusal.endpoint)
        .error({submission.request_id, refusal.header->source_id},
               "Refused message {} for {} from {}: {}; quarantine entry {}", refusal.header->id, name,
               submission.peer, describe(refusal.error), *kept);

    Answer answer{Outcome::refused, false, {}, {}};
    std::string xml;
    if (refusal.endpoint != nullptr && (refusal.document || refusal.root_known)) {
        xml = refusal.endpoint->refusal_reply(refusal.document.get(), refusal.error);
    }
    answer.body = reply_bytes(*refusal.header, xml);
    answer.error = std::move(refusal.error);
    parts_.metrics.count(refusal.endpoint != nullptr ? name : std::string_view("unknown"), answer.outcome,
                         took());
    co_return answer;
}

/// Nothing was kept: the client must hear so, in the endpoint's own words where it has them.
Answer MessageService::failed(Submission const& submission, Refusal const& refusal) const {
    auto const source = refusal.header ? std::string_view(refusal.header->source_id) : std::string_view();
    std::optional<std::uint64_t> left_out = 0;
    if (refusal.error.code == Code::busy) left_out = too_much_.pass(parts_.clock.now());
    if (left_out) {
        log_of(refusal.endpoint)
            .error({submission.request_id, source}, "Could not process a message from {}: {}{}",
                   submission.peer, describe(refusal.error),
                   *left_out == 0 ? "" : fmt::format(" (and {} more of this kind)", *left_out));
    }
    auto const name = refusal.endpoint != nullptr ? refusal.endpoint->info().name : std::string_view();
    parts_.metrics.count(name, Outcome::failed, std::chrono::steady_clock::now() - refusal.started);

    Answer answer{Outcome::failed, true, {}, refusal.error};
    if (refusal.endpoint != nullptr && refusal.header) {
        auto const xml = refusal.endpoint->refusal_reply(refusal.document.get(), refusal.error);
        if (!xml.empty()) {
            answer.retry = false;
            answer.body = reply_bytes(*refusal.header, xml);
        }
    }
    return answer;
}

Bytes MessageService::reply_bytes(wire::Header const& request, std::string_view xml) const {
    bool const header_only =
        xml.empty() && parts_.settings.security.empty_reply == config::EmptyReply::header;
    if (xml.empty() && !header_only) return {};
    wire::ReplyStamp const stamp{random_message_id(), iso_time(parts_.clock.now()),
                                 parts_.settings.site.host};
    return header_only ? wire::encode_header_only(request, stamp) : wire::encode_reply(request, xml, stamp);
}

} // namespace pointman::service
