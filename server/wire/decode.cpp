// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "server/wire/message.hpp"
#include "server/wire/msg_document.hpp"
#include "server/wire/multipart.hpp"
#include "server/wire/utf16.hpp"
#include "server/wire/zlib.hpp"

namespace pointman::wire {

namespace {

Result<std::vector<Part>> parts_of(std::string_view http_content_type, BytesView body, Limits const& limits) {
    auto const given = trim(http_content_type);
    auto const delimiter = given.empty() ? boundary_from_body(body) : boundary_of(given);
    if (!delimiter) return std::unexpected(delimiter.error());
    return split_parts(*delimiter, body, limits);
}

Result<Decoded> read_upload_request(schemas::Element const& root) {
    UploadRequest request{.network_type = std::string(trim(root.attribute_or("NetworkType", ""))),
                          .message_id = std::string(trim(root.child_text("MessageID")))};
    if (request.message_id.empty()) return fail(Code::malformed, "UploadRequest without MessageID");
    return request;
}

Result<Decoded> read_envelope(schemas::Element const& root, std::vector<Part> const& parts,
                              Limits const& limits) {
    auto header = read_header(root, limits);
    if (!header) return std::unexpected(header.error());
    if (header->endpoint().empty()) return fail(Code::malformed, "Msg names no TargetEndpoint");
    bool const has_payload = parts.size() > 1;
    return Envelope{.header = std::move(*header),
                    .document = parts.front().content,
                    .payload = has_payload ? parts[1].content : BytesView{},
                    .has_payload = has_payload};
}

enum class Kind { client_auth, compression, encryption };

std::optional<Kind> kind_of(Hook const& hook) {
    if (equal_ignoring_case(hook.name, "clientauth")) return Kind::client_auth;
    if (equal_ignoring_case(hook.name, "zlib-compress")) return Kind::compression;
    if (equal_ignoring_case(hook.name, "encrypt")) return Kind::encryption;
    return std::nullopt;
}

/// At most one hook of each kind, compression before encryption. The place of clientauth does not matter:
/// clients write it first, though they sign what compression made (wire.md 5 and 6).
Result<void> check_hooks(Header const& header) {
    bool seen[3] = {};
    for (auto const& hook : header.hooks) {
        auto const kind = kind_of(hook);
        if (!kind) return fail(Code::malformed, "unknown hook", "hook '" + hook.name + "'");
        auto& before = seen[static_cast<std::size_t>(*kind)];
        if (before) return fail(Code::malformed, "hook given twice", "hook '" + hook.name + "'");
        before = true;
        if (kind == Kind::compression && seen[static_cast<std::size_t>(Kind::encryption)])
            return fail(Code::malformed, "compression after encryption");
    }
    return {};
}

Result<Bytes> uncompressed(bool compressed, BytesView bytes, Limits const& limits) {
    if (compressed) return zlib_decompress(bytes, limits);
    return Bytes(bytes.begin(), bytes.end());
}

Result<DecodedReply> read_reply(std::optional<Header> header, std::vector<Part> const& parts,
                                Limits const& limits) {
    DecodedReply reply{.header = std::move(header), .xml = {}};
    if (parts.size() < 2) return reply;
    auto const payload =
        uncompressed(reply.header && reply.header->is_compressed(), parts[1].content, limits);
    if (!payload) return std::unexpected(payload.error());
    auto xml = to_utf8(strip_trailer(*payload));
    if (!xml) return std::unexpected(xml.error());
    reply.xml = std::move(*xml);
    return reply;
}

} // namespace

bool Envelope::names_upload() const {
    return !has_payload && equal_ignoring_case(header.payload_type, "localcache");
}

Result<Decoded> decode(std::string_view http_content_type, BytesView body, Limits const& limits) {
    auto const parts = parts_of(http_content_type, body, limits);
    if (!parts) return std::unexpected(parts.error());
    auto const document = parse_msg_document(parts->front().content, limits);
    if (!document) return std::unexpected(document.error());
    auto const root = document->root();
    return root.name() == "UploadRequest" ? read_upload_request(root) : read_envelope(root, *parts, limits);
}

Result<Bytes> decrypted_payload(Envelope const& envelope, Decrypt const& decrypt) {
    if (auto const known = check_hooks(envelope.header); !known) return std::unexpected(known.error());
    if (!envelope.header.is_encrypted()) return Bytes(envelope.payload.begin(), envelope.payload.end());
    if (!decrypt) return fail(Code::malformed, "encrypted payload, and nothing to open it with");
    return decrypt(envelope.payload);
}

Result<Message> open(Header header, BytesView signed_payload, Limits const& limits) {
    auto payload = uncompressed(header.is_compressed(), signed_payload, limits);
    if (!payload) return std::unexpected(payload.error());
    return Message(std::move(header), std::move(*payload));
}

Result<DecodedReply> decode_reply(std::string_view http_content_type, BytesView body, Limits const& limits) {
    if (body.empty()) return DecodedReply{};
    auto const parts = parts_of(http_content_type, body, limits);
    if (!parts) return std::unexpected(parts.error());
    auto const first = parts->front().content;
    if (strip_trailer(first).empty()) return read_reply(std::nullopt, *parts, limits);
    auto const document = parse_msg_document(first, limits);
    if (!document) return std::unexpected(document.error());
    auto const root = document->root();
    if (root.name() == "UploadReply") {
        auto text = to_utf8(strip_trailer(first));
        if (!text) return std::unexpected(text.error());
        return DecodedReply{.header = std::nullopt, .xml = std::move(*text)};
    }
    auto header = read_header(root, limits);
    if (!header) return std::unexpected(header.error());
    return read_reply(std::move(*header), *parts, limits);
}

} // namespace pointman::wire
