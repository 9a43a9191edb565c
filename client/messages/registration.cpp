// SPDX-License-Identifier: Apache-2.0
#include "base/hex.hpp"
#include "base/ids.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "client/messages/registration_writing.hpp"
#include "client/messages/reply_reading.hpp"
#include "client/messaging/credentials_impl.hpp"
#include "server/wire/utf16.hpp"

#include <fmt/format.h>

#include <pointman/registration.hpp>

namespace pointman::client {

namespace {

constexpr std::string_view endpoint = "MP_ClientRegistration";
constexpr auto digest = wire::Digest::sha256;

std::string certificate(std::string_view element, Registrant const& client) {
    return fmt::format(R"(<{0} Encoding="HexBinary" KeyType="{1}">{2}</{0}>)", element,
                       client.is_self_signed ? 1 : 2, to_hex(client.certificate));
}

std::string property(std::string_view name, std::string_view value) {
    return fmt::format(R"(<Property Name="{}" Value="{}"/>)", name, escape_xml(value));
}

std::string discovery_properties(Agent const& agent) {
    return "<DiscoveryProperties>" + property("Netbios Name", agent.netbios_name) +
           property("FQ Name", agent.fqdn.empty() ? agent.netbios_name : agent.fqdn) +
           property("Locale ID", std::to_string(agent.lcid)) + property("InternetFlag", "0") +
           "</DiscoveryProperties>";
}

std::string hint(Credentials const& former, std::string const& smsid) {
    auto const signature = former.impl().key.sign(wire::signed_text(smsid), digest);
    return fmt::format("<RegistrationHint>{}</RegistrationHint>", to_hex(signature));
}

std::string data(std::string_view type, Registrant const& client, Agent const& agent, Time now,
                 std::string_view inside) {
    return fmt::format(R"(<Data HashAlgorithm="{}" SMSID="{}" RequestType="{}" TimeStamp="{}">)"
                       R"(<AgentInformation AgentIdentity="{}" AgentVersion="{}" AgentType="0"/>{}</Data>)",
                       wire::signature_oid(digest), client.smsid, type, iso_time(now),
                       escape_xml(agent.program), escape_xml(agent.version), inside);
}

/// The signature covers the text of `Data` as it stands in the document (registration.md 5).
std::string signed_request(Registrant const& client, std::string_view signed_data) {
    auto const signature = client.key.sign(wire::to_utf16le(signed_data), digest);
    return fmt::format(
        "<ClientRegistrationRequest>{}<Signature><SignatureValue>{}</SignatureValue></Signature>"
        "</ClientRegistrationRequest>",
        signed_data, to_hex(signature));
}

Registrant registrant(Identity const& identity) {
    return {.smsid = identity.smsid(),
            .certificate = identity.credentials().certificate(),
            .is_self_signed = identity.is_self_signed(),
            .key = identity.credentials().impl().key};
}

Result<RegistrationReply> ask(Session const& session, std::string_view request) {
    auto const message = session.message(endpoint, request, Session::Signature::none);
    auto const xml = session.invoke(message);
    if (!xml) return std::unexpected(xml.error());
    return read_registration_reply(*xml);
}

} // namespace

std::string registration_request(Registrant const& client, Agent const& agent, Time now,
                                 std::string_view proof) {
    auto const inside =
        fmt::format("<Certificates>{}{}</Certificates>{}{}", certificate("Encryption", client),
                    certificate("Signing", client), discovery_properties(agent), proof);
    return signed_request(client, data("Registration", client, agent, now, inside));
}

std::string registration_request(Identity const& identity, Agent const& agent, Time now,
                                 std::optional<Credentials> const& former) {
    return registration_request(registrant(identity), agent, now,
                                former ? hint(*former, identity.smsid()) : std::string());
}

std::string confirmation_request(Identity const& identity, Agent const& agent, Time now) {
    auto const client = registrant(identity);
    auto const inside = "<Certificates>" + certificate("Signing", client) + "</Certificates>";
    return signed_request(client, data("Confirmation", client, agent, now, inside));
}

Result<RegistrationReply> read_registration_reply(std::string_view xml) {
    auto const document = parse_reply(xml, "ClientRegistrationResponse");
    if (!document) return std::unexpected(document.error());
    auto const root = document->root();
    auto const status = number_in<std::uint8_t>(trim(root.attribute_or("Status", "")));
    if (!status) return bad_reply("ClientRegistrationResponse has no usable Status");
    // The SDK gives up on whatever it does not know.
    constexpr auto last = static_cast<std::uint8_t>(RegistrationStatus::certificate_reset);
    RegistrationReply reply{.status = *status <= last ? static_cast<RegistrationStatus>(*status)
                                                      : RegistrationStatus::rejected,
                            .smsid = {}};
    reply.approval = number_in<int>(trim(root.attribute_or("ApprovalStatus", "")));
    auto const id = ClientId::parse(trim(root.attribute_or("SMSID", "")));
    if (id) reply.smsid = id->text();
    if (!id && reply.status <= RegistrationStatus::pending) return bad_reply("a registration without SMSID");
    return reply;
}

Result<RegistrationReply> register_client(Session const& session, std::optional<Credentials> const& former) {
    auto reply =
        ask(session, registration_request(session.identity, session.agent, session.messaging.now(), former));
    if (!reply || reply->smsid.empty()) return reply;
    if (auto const kept = session.identity.remember(reply->smsid); !kept)
        return std::unexpected(kept.error());
    return reply;
}

Result<RegistrationReply> confirm_registration(Session const& session) {
    return ask(session, confirmation_request(session.identity, session.agent, session.messaging.now()));
}

} // namespace pointman::client
