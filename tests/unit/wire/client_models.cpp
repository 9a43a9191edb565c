// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/wire/client_models.hpp"

#include "base/text.hpp"
#include "schemas/document.hpp"
#include "server/wire/utf16.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <vector>

namespace pointman::test {

namespace {

using Text = std::optional<std::string>;

constexpr std::string_view fixed_boundary = "aAbBcCdDv1234567890VxXyYzZ";

struct ClientPart {
    std::vector<std::string> headers;
    std::string content;
};

std::vector<std::string> split(std::string_view text, std::string_view separator) {
    std::vector<std::string> pieces;
    for (auto at = text.find(separator); at != std::string_view::npos; at = text.find(separator)) {
        pieces.emplace_back(text.substr(0, at));
        text.remove_prefix(at + separator.size());
    }
    pieces.emplace_back(text);
    return pieces;
}

std::optional<ClientPart> read_part(std::string_view text) {
    auto const end = text.find("\r\n\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    auto head = text.substr(0, end);
    if (head.starts_with("\r\n")) head.remove_prefix(2);
    return ClientPart{.headers = split(head, "\r\n"), .content = std::string(text.substr(end + 4))};
}

/// Parts as the python clients' multipart library makes them: pieces between CRLF and dashes, the closing one
/// dropped.
std::optional<std::vector<ClientPart>> python_parts(std::string_view body, std::string_view boundary) {
    auto const dashes = "--" + std::string(boundary);
    std::vector<ClientPart> parts;
    for (auto const& piece : split(body, "\r\n" + dashes)) {
        std::string_view text = piece;
        if (text.empty() || text == "\r\n" || text == "--" || text.starts_with("--\r\n")) continue;
        if (text.starts_with(dashes)) text.remove_prefix(dashes.size());
        auto part = read_part(text);
        if (!part) return std::nullopt;
        parts.push_back(std::move(*part));
    }
    return parts;
}

/// The python clients take the boundary from the HTTP header and stop where there is none.
std::optional<std::vector<ClientPart>> python_parts(HttpReply const& reply) {
    if (!reply.content_type) return std::nullopt;
    auto const at = reply.content_type->find("boundary=");
    if (at == std::string::npos) return std::nullopt;
    std::string_view boundary = std::string_view(*reply.content_type).substr(at + 9);
    if (boundary.starts_with('"')) boundary = boundary.substr(1, boundary.size() - 2);
    return python_parts(reply.body, boundary);
}

Text inflated(std::string const& compressed) {
    std::string out(1U << 20U, '\0');
    auto size = static_cast<uLongf>(out.size());
    if (uncompress(reinterpret_cast<Bytef*>(out.data()), &size,
                   reinterpret_cast<Bytef const*>(compressed.data()), compressed.size()) != Z_OK)
        return std::nullopt;
    out.resize(size);
    return out;
}

/// UTF-16 to UTF-8, a mark dropped.
Text payload_text(std::string const& content, bool compressed) {
    auto const bytes = compressed ? inflated(content) : Text(content);
    if (!bytes) return std::nullopt;
    auto text = wire::to_utf8(as_bytes(*bytes));
    return text ? Text(std::move(*text)) : std::nullopt;
}

/// An ordinary XML parser: blanks behind the root are fine, a NUL is not.
Text strict_xml(std::string const& text) {
    if (text.contains('\0') || !schemas::parse(as_bytes(text))) return std::nullopt;
    return std::string(trim(text));
}

/// Clients that search the text with patterns do not see what follows the root.
Text lenient_xml(std::string const& text) {
    auto const end = text.rfind('>');
    return end == std::string::npos ? std::nullopt : strict_xml(text.substr(0, end + 1));
}

/// Clients that cut off the last character, which they believe to be the NUL.
Text xml_without_last_character(std::string text) {
    if (text.empty()) return std::nullopt;
    text.pop_back();
    return strict_xml(text);
}

bool has_header(ClientPart const& part, std::string_view line) {
    return std::ranges::any_of(part.headers,
                               [&](std::string const& header) { return equal_ignoring_case(header, line); });
}

/// By the exact type, in any place: a parameter makes it another type.
Text payload_by_type(HttpReply const& reply, bool compressed) {
    auto const parts = python_parts(reply);
    if (!parts) return std::nullopt;
    for (auto const& part : *parts)
        if (has_header(part, "content-type: application/octet-stream"))
            return payload_text(part.content, compressed);
    return std::nullopt;
}

/// As the second part, whatever its type.
Text payload_by_index(HttpReply const& reply, bool compressed) {
    auto const parts = python_parts(reply);
    if (!parts || parts->size() < 2) return std::nullopt;
    return payload_text((*parts)[1].content, compressed);
}

Text read_by_type(HttpReply const& reply, bool compressed) {
    auto const text = payload_by_type(reply, compressed);
    return text ? lenient_xml(*text) : std::nullopt;
}

Text read_by_index(HttpReply const& reply, bool compressed) {
    auto const text = payload_by_index(reply, compressed);
    return text ? lenient_xml(*text) : std::nullopt;
}

Text read_sccmsecrets(HttpReply const& reply, bool compressed) {
    auto const text = payload_by_type(reply, compressed);
    return text ? xml_without_last_character(*text) : std::nullopt;
}

/// Knows one boundary, wants it at the very start, and looks for the type anywhere in a part's headers.
Text read_impacket(HttpReply const& reply, bool compressed) {
    if (!reply.body.starts_with("--" + std::string(fixed_boundary))) return std::nullopt;
    auto const parts = python_parts(reply.body, fixed_boundary);
    if (!parts) return std::nullopt;
    for (auto const& part : *parts) {
        for (auto const& header : part.headers) {
            if (!header.contains("application/octet-stream")) continue;
            auto const text = payload_text(part.content, compressed);
            return text ? xml_without_last_character(*text) : std::nullopt;
        }
    }
    return std::nullopt;
}

/// Knows one boundary, skips exactly one header line of each part, takes the second part, and drops one NUL.
Text read_sdk(HttpReply const& reply, bool compressed) {
    auto const pieces = split(reply.body, "--" + std::string(fixed_boundary));
    if (pieces.size() < 4) return std::nullopt; // before the first, two parts, behind the last
    std::string content;
    for (std::size_t i = 1; i <= 2; ++i) {
        std::string_view piece = pieces[i];
        if (!piece.starts_with("\r\n") || !piece.ends_with("\r\n")) return std::nullopt;
        piece = piece.substr(2, piece.size() - 4);
        auto const line_end = piece.find("\r\n");
        if (line_end == std::string_view::npos || piece.substr(line_end, 4) != "\r\n\r\n") return std::nullopt;
        content = piece.substr(line_end + 4);
    }
    auto text = payload_text(content, compressed);
    if (!text) return std::nullopt;
    if (text->ends_with('\0')) text->pop_back();
    return strict_xml(*text);
}

} // namespace

std::span<ClientModel const> client_models() {
    static constexpr std::array models{
        ClientModel{"sccmwtf", read_by_type},
        ClientModel{"sccmhunter", read_by_type},
        ClientModel{"SCCMSecrets", read_sccmsecrets},
        ClientModel{"PXEThief", read_by_index},
        ClientModel{"cred1py", read_by_index},
        ClientModel{"impacket", read_impacket},
        ClientModel{"SDK", read_sdk},
    };
    return models;
}

} // namespace pointman::test
