// SPDX-License-Identifier: Apache-2.0
#include "base/hex.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "client/messages/policy_reading.hpp"
#include "client/messages/reply_reading.hpp"
#include "server/wire/signature.hpp"
#include "server/wire/utf16.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pointman::client {

namespace {

using schemas::Element;

/// `Reference` of that assignment in `Signature`.
std::optional<Element> reference_to(Element const& root, std::string_view assignment_id) {
    auto const signatures = root.child("Signature");
    if (!signatures) return std::nullopt;
    for (Element const child : signatures->children()) {
        if (child.name() == "Reference" &&
            equal_ignoring_case(value_of(child, "PolicyAssignmentID"), assignment_id))
            return child;
    }
    return std::nullopt;
}

/// Numbers of CryptoAPI.
std::optional<wire::Digest> digest_of(Element const& reference) {
    auto const algorithm = reference.child("SignatureAlgorithm");
    auto const number = algorithm ? number_in<unsigned>(value_of(*algorithm, "AlgID")) : std::nullopt;
    constexpr unsigned calg_sha1 = 32772;
    constexpr unsigned calg_sha256 = 32780;
    if (number == calg_sha1) return wire::Digest::sha1;
    if (number == calg_sha256) return wire::Digest::sha256;
    return std::nullopt;
}

bool verifies(std::optional<Element> const& reference, std::string_view text, wire::PublicKey const& key) {
    if (!reference) return false;
    auto const digest = digest_of(*reference);
    auto const signature = from_hex(text_of(*reference, "SignatureValue"));
    return digest && signature && key.verify(wire::to_utf16le(text), *signature, *digest);
}

/// The texts of the assignments as they were sent: these are what is signed.
std::vector<std::string_view> assignment_texts(std::string_view xml) {
    constexpr std::string_view begin = "<PolicyAssignment ";
    constexpr std::string_view end = "</PolicyAssignment>";
    std::vector<std::string_view> texts;
    for (auto at = xml.find(begin); at != std::string_view::npos; at = xml.find(begin, at)) {
        auto const stop = xml.find(end, at);
        if (stop == std::string_view::npos) break;
        texts.push_back(xml.substr(at, stop + end.size() - at));
        at = stop;
    }
    return texts;
}

/// Whether the text by itself says what a reader of the whole document has found: comments and CDATA could
/// make the two differ.
bool says(std::string_view text, PolicyAssignment const& assignment) {
    auto const document = schemas::parse(as_bytes(text));
    if (!document) return false;
    auto const alone = read_policy_assignment(document->root());
    return alone && *alone == assignment;
}

std::unexpected<Error> not_signed(std::string_view id) {
    return fail(Code::bad_signature, fmt::format("the site has not signed the assignment {}", id));
}

} // namespace

Result<PolicyAssignments> read_signed_assignments(std::string_view xml, BytesView site_signing_certificate) {
    auto const key = wire::PublicKey::from_certificate(site_signing_certificate);
    if (!key) return fail(Code::invalid_argument, key.error());
    auto reply = read_policy_assignments(xml);
    if (!reply) return reply;
    auto const document = parse_reply(xml, "ReplyAssignments");
    if (!document) return std::unexpected(document.error());
    auto const texts = assignment_texts(xml);
    if (texts.size() != reply->assignments.size())
        return fail(Code::bad_signature, "the text of the assignments differs from what they say");
    for (std::size_t i = 0; i < texts.size(); ++i) {
        auto const& assignment = reply->assignments[i];
        auto const reference = reference_to(document->root(), assignment.id);
        if (!says(texts[i], assignment) || !verifies(reference, texts[i], *key))
            return not_signed(assignment.id);
    }
    return reply;
}

} // namespace pointman::client
