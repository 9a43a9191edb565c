// SPDX-License-Identifier: Apache-2.0
#include "base/hex.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "client/messages/policy_hashes.hpp"
#include "client/messages/policy_reading.hpp"
#include "client/messages/reply_reading.hpp"
#include "client/messaging/credentials_impl.hpp"
#include "server/wire/utf16.hpp"
#include "server/wire/zlib.hpp"

#include <fmt/format.h>

namespace pointman::client {

namespace {

constexpr std::string_view endpoint = "MP_PolicyManager";
constexpr std::string_view download_path = "/SMS_MP/.sms_pol?";

std::string user_element(std::optional<PolicyUser> const& user) {
    if (!user) return "<User/>";
    std::string groups;
    for (auto const& sid : user->group_sids) groups += fmt::format("<SID>{}</SID>", escape_xml(sid));
    return fmt::format("<User><NT4UserName>{}</NT4UserName><SID>{}</SID><UserGroups>{}</UserGroups></User>",
                       escape_xml(user->name), escape_xml(user->sid), groups);
}

PolicyCondition unknown_condition(std::string text) {
    return {.kind = PolicyCondition::Kind::unknown, .text = std::move(text)};
}

PolicyCondition read_expression(schemas::Element const& element) {
    std::string text(trim(element.text()));
    auto const language = value_of(element, "ExpressionLanguage");
    if (!language.empty() && !equal_ignoring_case(language, "WQL"))
        return unknown_condition(fmt::format("{} (in {})", text, language));
    return {.kind = PolicyCondition::Kind::query, .text = std::move(text)};
}

PolicyCondition read_operand(schemas::Element const& element, unsigned depth);

std::vector<PolicyCondition> read_operands(schemas::Element const& parent, unsigned depth) {
    std::vector<PolicyCondition> operands;
    for (schemas::Element const child : parent.children()) operands.push_back(read_operand(child, depth));
    return operands;
}

/// An operator that has nothing to judge, or a NOT of several, is one whose meaning nobody documents.
PolicyCondition read_operand(schemas::Element const& element, unsigned depth) {
    constexpr unsigned deepest = 8;
    if (element.name() == "Expression") return read_expression(element);
    if (element.name() != "Operator") return unknown_condition(fmt::format("<{}>", element.name()));
    auto const type = value_of(element, "OperatorType");
    if (depth >= deepest) return unknown_condition(fmt::format("{} within {} others", type, deepest));
    auto parts = read_operands(element, depth + 1);
    using enum PolicyCondition::Kind;
    if (equal_ignoring_case(type, "AND") && !parts.empty()) return {.kind = all, .text = {}, .parts = parts};
    if (equal_ignoring_case(type, "OR") && !parts.empty()) return {.kind = any, .text = {}, .parts = parts};
    if (equal_ignoring_case(type, "NOT") && parts.size() == 1)
        return {.kind = none, .text = {}, .parts = parts};
    return unknown_condition(fmt::format("{} of {}", type, parts.size()));
}

Result<std::string> text_in(BytesView bytes) {
    auto text = wire::to_utf8(wire::strip_trailer(bytes));
    if (!text) return fail(Code::bad_reply, text.error());
    return std::move(*text);
}

/// `<PolicyXML Compression="zlib">HEX</PolicyXML>` (wire.md 8.4).
Result<std::string> unpacked(schemas::Element const& wrapper) {
    if (!equal_ignoring_case(value_of(wrapper, "Compression"), "zlib"))
        return bad_reply("a policy that is packed in an unknown way");
    auto const packed = from_hex(wrapper.text());
    if (!packed) return fail(Code::bad_reply, packed.error());
    auto const plain = wire::zlib_decompress(*packed);
    if (!plain) return fail(Code::bad_reply, plain.error());
    return text_in(*plain);
}

/// Of the bytes as they are served, before they are sealed to a client (policy.md 5).
Result<std::string> checked_and_read(BytesView body, PolicyAssignment const& assignment) {
    if (auto const fits = check_policy_hashes(body, assignment); !fits) return std::unexpected(fits.error());
    auto text = text_in(body);
    if (!text) return text;
    auto const document = schemas::parse(as_bytes(*text));
    if (!document) return fail(Code::bad_reply, document.error());
    auto const root = document->root();
    if (root.name() == "PolicyXML") return unpacked(root);
    if (root.name() != "Policy") return bad_reply(fmt::format("a policy that begins with '{}'", root.name()));
    return text;
}

/// DER of an envelope begins with a SEQUENCE, XML in UTF-16 or UTF-8 never does.
bool is_sealed(BytesView body) {
    constexpr std::byte sequence{0x30};
    return !body.empty() && body.front() == sequence;
}

} // namespace

Result<std::string> target_of_policy(std::string_view location) {
    auto const scheme = location.find("://");
    auto const path = scheme == std::string_view::npos ? scheme : location.find('/', scheme + 3);
    auto const target = path == std::string_view::npos ? std::string_view{} : location.substr(path);
    if (!starts_with_ignoring_case(target, download_path))
        return bad_reply(fmt::format("'{}' is no location of a policy", location));
    return std::string(target);
}

std::string policy_request(std::string_view smsid, Agent const& agent, PolicyRequest const& request) {
    return fmt::format(
        R"(<RequestAssignments SchemaVersion="1.00" ACK="false" RequestType="{}"><Identification><Machine>)"
        R"(<ClientID>{}</ClientID><FQDN>{}</FQDN><NetBIOSName>{}</NetBIOSName><SID/></Machine>{}</Identification>)"
        R"(<PolicySource>SMS:{}</PolicySource><Resource ResourceType="{}"/><ServerCookie>{}</ServerCookie>)"
        R"(</RequestAssignments>)",
        request.cookie.empty() ? "Always" : "OnUpdate", escape_xml(smsid), escape_xml(agent.fqdn),
        escape_xml(agent.netbios_name), user_element(request.user), escape_xml(agent.site_code),
        request.user ? "User" : "Machine", escape_xml(request.cookie));
}

std::string policy_request(Identity const& identity, Agent const& agent, PolicyRequest const& request) {
    return policy_request(identity.smsid(), agent, request);
}

PolicyCondition read_condition(schemas::Element const& parent) {
    auto const condition = parent.child("Condition");
    if (!condition) return {};
    return {.kind = PolicyCondition::Kind::all, .text = {}, .parts = read_operands(*condition, 0)};
}

Result<PolicyAssignment> read_policy_assignment(schemas::Element const& element) {
    auto const policy = element.child("Policy");
    if (!policy) return bad_reply("a PolicyAssignment without Policy");
    PolicyAssignment assignment{.id = value_of(element, "PolicyAssignmentID"),
                                .policy_id = value_of(*policy, "PolicyID"),
                                .policy_version = value_of(*policy, "PolicyVersion"),
                                .category = value_of(*policy, "PolicyCategory"),
                                .type = value_of(*policy, "PolicyType"),
                                .flags = number_in<unsigned>(value_of(*policy, "PolicyFlags")).value_or(0),
                                .location = text_of(*policy, "PolicyLocation"),
                                .hash = {},
                                .hash_ex = {},
                                .condition = read_condition(element)};
    if (auto const location = policy->child("PolicyLocation")) {
        assignment.hash = value_of(*location, "PolicyHash");
        assignment.hash_ex = value_of(*location, "PolicyHashEx");
    }
    if (assignment.id.empty() || assignment.policy_id.empty()) return bad_reply("a policy without id");
    return assignment;
}

Result<PolicyAssignments> read_policy_assignments(std::string_view xml) {
    auto const document = parse_reply(xml, "ReplyAssignments");
    if (!document) return std::unexpected(document.error());
    auto const root = document->root();
    PolicyAssignments reply{.full = equal_ignoring_case(value_of(root, "ReplyType"), "Full"),
                            .cookie = text_of(root, "ServerCookie"),
                            .assignments = {}};
    for (schemas::Element const child : root.children()) {
        if (child.name() != "PolicyAssignment") continue;
        auto assignment = read_policy_assignment(child);
        if (!assignment) return std::unexpected(assignment.error());
        reply.assignments.push_back(std::move(*assignment));
    }
    return reply;
}

Result<std::string> read_policy_body(BytesView body, Credentials const& credentials) {
    return read_policy_body(body, credentials, PolicyAssignment{});
}

Result<std::string> read_policy_body(BytesView body, Credentials const& credentials,
                                     PolicyAssignment const& assignment) {
    if (!is_sealed(body)) return checked_and_read(body, assignment);
    auto const opened = credentials.open(body);
    if (!opened) return std::unexpected(opened.error());
    // An envelope inside the envelope is none that this client is asked to open.
    return is_sealed(*opened) ? bad_reply("a policy that is sealed twice")
                              : checked_and_read(*opened, assignment);
}

Result<Bytes> site_signing_certificate(Session const& session) {
    auto const settings = session.message(endpoint, "", Session::Signature::none);
    auto const page = session.messaging.get(session.host, "/SMS_MP/.sms_aut?SITESIGNCERT", settings);
    if (!page) return std::unexpected(page.error());
    auto const document = parse_reply(as_chars(*page), "X509Data");
    if (!document) return std::unexpected(document.error());
    auto certificate = from_hex(document->root().child_text("X509Certificate"));
    if (!certificate || certificate->empty())
        return bad_reply("the site's signing certificate is no hexadecimal text");
    return std::move(*certificate);
}

Result<PolicyAssignments> request_policy(Session const& session, PolicyRequest const& request) {
    auto const message = session.message(endpoint, policy_request(session.identity, session.agent, request));
    auto const xml = session.invoke(message);
    if (!xml) return std::unexpected(xml.error());
    return request.site_signing_certificate.empty()
               ? read_policy_assignments(*xml)
               : read_signed_assignments(*xml, request.site_signing_certificate);
}

HttpHeaders token_headers(std::string_view smsid, wire::PrivateKey const& key, Time now) {
    auto const token = fmt::format("{};{};2", smsid, iso_time(now));
    auto const signature = key.sign(wire::signed_text(token), wire::Digest::sha256);
    return {{"ClientToken", token}, {"ClientTokenSignature", to_hex(signature)}};
}

HttpHeaders token_headers(Identity const& identity, Time now) {
    return token_headers(identity.smsid(), identity.credentials().impl().key, now);
}

Result<std::string> download_policy(Session const& session, PolicyAssignment const& assignment) {
    auto const target = target_of_policy(assignment.location);
    if (!target) return std::unexpected(target.error());
    constexpr auto is_protected = policy_flags::requires_authentication | policy_flags::secret;
    auto const headers = (assignment.flags & is_protected) != 0
                             ? token_headers(session.identity, session.messaging.now())
                             : HttpHeaders{};
    auto const settings = session.message(endpoint, "", Session::Signature::none);
    auto const body = session.messaging.get(session.host, *target, settings, headers);
    if (!body) return std::unexpected(body.error());
    return read_policy_body(*body, session.identity.credentials(), assignment);
}

} // namespace pointman::client
