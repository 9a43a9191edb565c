// SPDX-License-Identifier: Apache-2.0
#include "endpoints/registration/registration.hpp"

#include "base/text.hpp"
#include "base/time.hpp"
#include "endpoints/registration/registrar.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pointman::endpoints {

using registration::name_of;
using registration::Outcome;
using registration::Registrar;
using registration::RequestType;
using registration::Status;

namespace {

constexpr std::string_view request_root = "ClientRegistrationRequest";

/// registration.md 3: values of the later library; inferred there.
int approval_status(db::Approval approval) {
    switch (approval) {
    case db::Approval::pending:
        return 0;
    case db::Approval::approved:
        return 1;
    case db::Approval::not_applicable:
        return 2;
    case db::Approval::blocked:
        break;
    }
    return -1;
}

std::string response(RequestType type, TimePoint now, Status status, std::string_view more = {}) {
    return fmt::format(R"(<ClientRegistrationResponse ResponseType="{}" TimeStamp="{}" Status="{}"{}/>)",
                       name_of(type), iso_time(now), static_cast<int>(status), more);
}

/// SMSID and, for clients that know the attribute, ApprovalStatus: the 2007 generation does not and names no
/// hash.
std::string outcome_attributes(Outcome const& outcome, bool later_client) {
    if (!outcome.id) return {};
    auto text = fmt::format(R"( SMSID="{}")", outcome.id->text());
    if (later_client) text += fmt::format(R"( ApprovalStatus="{}")", approval_status(outcome.approval));
    return text;
}

RequestType type_to_mirror(schemas::Document const* document) {
    if (document == nullptr) return RequestType::registration;
    auto const data = document->root().child("Data");
    auto const type = data ? data->attribute("RequestType") : std::nullopt;
    return registration::request_type_of(type.value_or("")).value_or(RequestType::registration);
}

/// A body that is no XML gets the empty answer (registration.md 7).
bool is_no_request(schemas::Document const* document, Error const& error) {
    if (document != nullptr || !is_refusal(error.code)) return false;
    return error.code != Code::schema_violation;
}

} // namespace

Result<std::string_view> RegistrationEndpoint::schema(wire::Message const&, std::string_view root) const {
    if (root == request_root) return "client_registration_request.xsd";
    return fail(Code::schema_violation, fmt::format("the root is '{}', expected '{}'", root, request_root));
}

Result<RegistrationEndpoint::Message> RegistrationEndpoint::parse(Incoming const& incoming,
                                                                  schemas::Document const& document) const {
    auto request = registration::read_request(incoming.message.body(), document, site_.settings);
    if (!request) return std::unexpected(std::move(request.error()));
    // With a proxy, or without a certificate, only the database knows the key: handle() verifies then.
    if (request->signing && !request->proxy && !request->verified_by(request->signing->key)) {
        return fail(Code::bad_signature, "SignatureValue does not verify with the certificate in Signing");
    }
    if (auto checked = check_certificate(*request, incoming.certificate); !checked)
        return std::unexpected(std::move(checked.error()));
    return Message{std::move(*request), incoming.integrated_account, incoming.received,
                   Bytes(incoming.certificate.begin(), incoming.certificate.end())};
}

Result<void> RegistrationEndpoint::check_certificate(registration::Request const& request,
                                                     BytesView shown) const {
    if (site_.settings.site.mode == config::SiteMode::mixed || !request.signing) return {};
    auto const& signing = request.signing->der;
    // The one that the connection showed was judged already, with the intermediates that came with it.
    if (std::ranges::equal(shown, signing)) return {};
    if (!shown.empty() && !request.proxy)
        return fail(Code::bad_signature, "the certificate in Signing is another than the TLS client's");
    return site_.trusts(signing);
}

Result<Reply> RegistrationEndpoint::handle(Message const& message, db::Transaction& transaction) const {
    Registrar registrar(site_, message, transaction);
    auto const outcome = registrar.run();
    if (!outcome) return std::unexpected(outcome.error());
    auto const& request = message.request;
    return Reply{response(request.type, site_.clock.now(), outcome->status,
                          outcome_attributes(*outcome, request.names_hash)),
                 registrar.take_notes(), outcome->id ? outcome->id->text() : std::string()};
}

std::string RegistrationEndpoint::refusal_reply(schemas::Document const* document, Error const& error) const {
    if (is_no_request(document, error)) return {};
    return response(type_to_mirror(document), site_.clock.now(),
                    is_refusal(error.code) ? Status::error : Status::reset);
}

} // namespace pointman::endpoints
