// SPDX-License-Identifier: Apache-2.0
// Messages whose payloads come by BITS: where to put one, and what becomes of a message that names one.
#include "base/hex.hpp"
#include "base/ids.hpp"
#include "server/service/message_parts.hpp"
#include "server/uploads/packets.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <utility>

namespace pointman::service {

namespace {

Submission with_payload(Submission submission, BytesView document, Bytes payload) {
    auto request = wire::put_together(document, payload);
    submission.content_type = std::move(request.content_type);
    submission.body = std::move(request.body);
    return submission;
}

} // namespace

/// The URL says scheme and host as the client used them, since it replaces only scheme and port by its own
/// (wire.md 10.1).
boost::asio::awaitable<Answer>
MessageService::offer_upload(Submission const& submission, wire::UploadRequest request, Start started) const {
    Refusal refusal;
    refusal.started = started;
    if (parts_.uploads == nullptr) {
        refusal.error = {Code::unknown_endpoint, "uploads are not offered", {}};
        co_return co_await refuse(submission, std::move(refusal));
    }
    auto const message = uuid_in(request.message_id);
    if (!message) {
        refusal.error = {Code::malformed, "the MessageID of an upload request is no GUID", {}};
        co_return co_await refuse(submission, std::move(refusal));
    }
    auto const& site = parts_.settings.site.host;
    auto const address = uploads::authority_in(submission.host).value_or(uploads::Authority{site, site});
    auto const url = fmt::format("{}://{}{}{{{}}}", submission.is_tls ? "https" : "http", address.whole,
                                 uploads::folder_told, *message);
    framework_.info({submission.request_id, {}}, "{} may upload the payload of message {{{}}} to {}",
                    submission.peer, *message, url);
    co_return Answer{Outcome::accepted, false, wire::encode_upload_reply(address.host, url), {}};
}

boost::asio::awaitable<Answer> MessageService::receive_uploaded(Submission const& submission,
                                                                Uploaded uploaded, Start started) const {
    auto completed = co_await boost::asio::co_spawn(parts_.workers, complete_on_worker(submission, uploaded),
                                                    boost::asio::use_awaitable);
    if (completed.is_repeat) {
        auto& examined = std::get<Examined>(completed.verdict);
        examined.started = started;
        co_return answer_to(submission, examined, Stored{{}, {}, 0, true});
    }
    auto answer = co_await conclude(completed.submission, std::move(completed.verdict), started);
    // An answer that was lost is asked for again: such a message keeps its upload until that expires.
    auto const* endpoint = parts_.directory.find(uploaded.header.endpoint());
    bool const is_asking = endpoint != nullptr && endpoint->info().delivery == endpoints::Delivery::invoke;
    if (completed.upload && answer.outcome != Outcome::failed && !is_asking) {
        bool const is_refused = answer.outcome == Outcome::refused;
        co_await boost::asio::co_spawn(parts_.workers,
                                       use_up_on_worker(submission, *completed.upload, is_refused),
                                       boost::asio::use_awaitable);
    }
    co_return answer;
}

boost::asio::awaitable<MessageService::Completed>
MessageService::complete_on_worker(Submission const& submission, Uploaded const& uploaded) const {
    co_return complete(submission, uploaded);
}

/// Finds the upload that a message names by its ID. Tools repeat ids, and anybody may upload under any: where
/// there are several, the signature tells whose is whose.
MessageService::Completed MessageService::complete(Submission const& submission,
                                                   Uploaded const& uploaded) const {
    auto const* endpoint = parts_.directory.find(uploaded.header.endpoint());
    auto const refused = [&](Error error) {
        Refusal refusal;
        refusal.error = std::move(error);
        refusal.header = uploaded.header;
        refusal.endpoint = endpoint;
        return Completed{submission, std::move(refusal)};
    };
    auto const message = uuid_in(uploaded.header.id);
    if (!message) return refused({Code::malformed, "an upload is named by an ID that is no GUID", {}});
    auto const uploads = parts_.uploads->finished(*message, submission.peer);
    if (!uploads) return refused(uploads.error());
    std::optional<Completed> best;
    for (auto const& upload : *uploads) {
        auto next = complete_with(submission, uploaded, upload);
        auto const* refusal = std::get_if<Refusal>(&next.verdict);
        bool const may_be_anothers = refusal != nullptr && refusal->error.code == Code::bad_signature;
        if (!best || !may_be_anothers) best = std::move(next);
        if (!may_be_anothers) break;
    }
    if (best) return std::move(*best);
    auto const used = parts_.uploads->was_used(*message, sha256_hex(submission.body));
    if (!used) return refused(used.error());
    if (!*used || endpoint == nullptr)
        return refused({Code::malformed, "the upload of this message is missing or not finished", {}});
    Examined examined;
    examined.endpoint = endpoint;
    examined.header = uploaded.header;
    return Completed{.submission = submission, .verdict = std::move(examined), .is_repeat = true};
}

MessageService::Completed MessageService::complete_with(Submission const& submission,
                                                        Uploaded const& uploaded,
                                                        db::Upload const& upload) const {
    Completed completed{submission, Refusal{}, upload};
    auto& refusal = std::get<Refusal>(completed.verdict);
    refusal.header = uploaded.header;
    if (parts_.hold) completed.hold = parts_.hold(upload.received);
    if (parts_.hold && !completed.hold) {
        refusal.error = {Code::busy, "too many bytes in flight for an uploaded payload", {}};
        return completed;
    }
    auto payload = parts_.uploads->read(upload);
    if (!payload) {
        refusal.error = std::move(payload.error());
        return completed;
    }
    completed.submission = with_payload(submission, uploaded.document, std::move(*payload));
    completed.verdict = examine(completed.submission);
    return completed;
}

/// A repeat of what was refused is refused again, as it is when it comes inline.
boost::asio::awaitable<void> MessageService::use_up_on_worker(Submission const& submission,
                                                              db::Upload const& upload,
                                                              bool is_refused) const {
    log::Context const context{submission.request_id, {}};
    auto const repeat = is_refused ? std::string() : sha256_hex(submission.body);
    if (auto used = parts_.uploads->use_up(upload, repeat); !used) {
        framework_.warning(context, "Upload {} of message {} stays until it expires: {}", upload.session_id,
                           upload.message_id, describe(used.error()));
    } else {
        framework_.info(context, "Upload {} of message {} is used up, {} bytes", upload.session_id,
                        upload.message_id, upload.received);
    }
    co_return;
}

} // namespace pointman::service
