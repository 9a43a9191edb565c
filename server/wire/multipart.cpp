// SPDX-License-Identifier: Apache-2.0
#include "server/wire/multipart.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <optional>

namespace pointman::wire {

namespace {

// RFC 2046 allows 70; a little more costs nothing.
constexpr std::size_t longest_boundary = 200;

bool is_boundary(std::string_view text) {
    return !text.empty() && text.size() <= longest_boundary &&
           std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

Result<std::string> checked_boundary(std::string text) {
    if (!is_boundary(text)) return fail(Code::malformed, "multipart boundary unusable");
    return text;
}

struct Parameter {
    std::string_view name;
    std::string value;
};

/// Takes one `name=value` off the front of what follows a semicolon.
Parameter take_parameter(std::string_view& rest) {
    auto const name_end = std::min(rest.find_first_of("=;"), rest.size());
    Parameter parameter{.name = trim(rest.substr(0, name_end)), .value = {}};
    bool const has_value = name_end < rest.size() && rest[name_end] == '=';
    rest.remove_prefix(name_end + (has_value ? 1 : 0));
    if (!has_value) return parameter;
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    if (!rest.starts_with('"')) {
        auto const end = std::min(rest.find(';'), rest.size());
        parameter.value = trim(rest.substr(0, end));
        rest.remove_prefix(end);
        return parameter;
    }
    std::size_t at = 1;
    for (; at < rest.size() && rest[at] != '"'; ++at) {
        if (rest[at] == '\\' && at + 1 < rest.size()) ++at;
        parameter.value.push_back(rest[at]);
    }
    rest.remove_prefix(std::min(at + 1, rest.size()));
    rest.remove_prefix(std::min(rest.find(';'), rest.size()));
    return parameter;
}

enum class DelimiterKind { opening, closing };

struct Delimiter {
    std::size_t begin;   ///< of the line break in front of it, or of the dashes at the start of the body
    std::size_t content; ///< behind the delimiter's line
    DelimiterKind kind;
    bool bare_line_feed; ///< the line ends in LF alone
};

/// Reads what follows `--boundary`; nothing where it only looked like a delimiter.
std::optional<Delimiter> delimiter_at(std::string_view body, std::size_t begin, std::size_t behind_boundary) {
    auto const rest = body.substr(behind_boundary);
    if (rest.starts_with("--")) return Delimiter{begin, behind_boundary + 2, DelimiterKind::closing, false};
    // RFC 2046: gateways may have padded the line with blanks.
    auto const line_end = rest.find_first_not_of(" \t");
    if (line_end == std::string_view::npos) return std::nullopt;
    if (rest.substr(line_end).starts_with("\r\n"))
        return Delimiter{begin, behind_boundary + line_end + 2, DelimiterKind::opening, false};
    if (rest[line_end] == '\n')
        return Delimiter{begin, behind_boundary + line_end + 1, DelimiterKind::opening, true};
    return std::nullopt;
}

class Scanner {
public:
    Scanner(std::string_view boundary, std::string_view body)
        : dashes_("--")
        , body_(body) {
        dashes_ += boundary;
    }

    /// The first one stands at the start of the body or of any line of the preamble.
    std::optional<Delimiter> first() {
        if (body_.starts_with(dashes_)) {
            if (auto found = accept_first(delimiter_at(body_, 0, dashes_.size()))) return found;
        }
        auto const line_start = "\n" + dashes_;
        for (auto at = body_.find(line_start); at != std::string_view::npos;
             at = body_.find(line_start, at + 1))
            if (auto found = accept_first(delimiter_at(body_, at, at + line_start.size()))) return found;
        return std::nullopt;
    }

    std::optional<Delimiter> next(std::size_t from) const {
        for (auto at = body_.find(separator_, from); at != std::string_view::npos;
             at = body_.find(separator_, at + 1))
            if (auto found = delimiter_at(body_, at, at + separator_.size())) return found;
        return std::nullopt;
    }

private:
    std::optional<Delimiter> accept_first(std::optional<Delimiter> found) {
        if (found) separator_ = (found->bare_line_feed ? "\n" : "\r\n") + dashes_;
        return found;
    }

    std::string dashes_;
    std::string separator_;
    std::string_view body_;
};

/// Header lines up to the empty line; each may end in CRLF or LF.
Result<Part> read_part(std::string_view text, Limits const& limits) {
    for (std::size_t at = 0; at <= limits.max_part_headers;) {
        auto const line_end = text.find('\n', at);
        // A part without content may leave its empty line to the delimiter.
        if (at == text.size()) return Part{.headers = text, .content = {}};
        if (line_end == std::string_view::npos) return fail(Code::malformed, "part headers without end");
        auto const line = text.substr(at, line_end - at);
        if (line.empty() || line == "\r")
            return Part{.headers = text.substr(0, at), .content = as_bytes(text.substr(line_end + 1))};
        at = line_end + 1;
    }
    return fail(Code::limit_exceeded, "part headers too long");
}

} // namespace

Result<std::string> boundary_of(std::string_view content_type) {
    auto rest = content_type;
    for (auto at = rest.find(';'); at != std::string_view::npos; at = rest.find(';')) {
        rest.remove_prefix(at + 1);
        auto parameter = take_parameter(rest);
        if (equal_ignoring_case(parameter.name, "boundary"))
            return checked_boundary(std::move(parameter.value));
    }
    return fail(Code::malformed, "Content-Type names no boundary");
}

Result<std::string> boundary_from_body(BytesView body) {
    auto text = as_chars(body);
    text.remove_prefix(std::min(text.find_first_not_of("\r\n"), text.size()));
    auto line = text.substr(0, std::min(text.find('\n'), longest_boundary + 8));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
        line.remove_suffix(1);
    if (!line.starts_with("--"))
        return fail(Code::malformed, "body does not start with a multipart delimiter");
    return checked_boundary(std::string(line.substr(2)));
}

Result<std::vector<Part>> split_parts(std::string_view boundary, BytesView body, Limits const& limits) {
    auto const text = as_chars(body);
    Scanner scanner(boundary, text);
    auto delimiter = scanner.first();
    if (!delimiter) return fail(Code::malformed, "no multipart delimiter in the body");
    std::vector<Part> parts;
    while (delimiter->kind == DelimiterKind::opening) {
        if (parts.size() == limits.max_parts) return fail(Code::limit_exceeded, "too many parts");
        auto const begin = delimiter->content;
        delimiter = scanner.next(begin);
        if (!delimiter) return fail(Code::malformed, "no closing multipart delimiter");
        auto part = read_part(text.substr(begin, delimiter->begin - begin), limits);
        if (!part) return std::unexpected(part.error());
        parts.push_back(*part);
    }
    if (parts.empty()) return fail(Code::malformed, "multipart body without parts");
    return parts;
}

} // namespace pointman::wire
