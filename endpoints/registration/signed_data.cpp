// SPDX-License-Identifier: Apache-2.0
#include "endpoints/registration/signed_data.hpp"

#include "server/wire/utf16.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace pointman::endpoints::registration {

namespace {

using schemas::Element;

struct Cut {
    std::size_t begin;
    std::size_t end;
};

/// From the first `<Data` that is a whole name to the end of the last `</Data>`.
std::optional<Cut> find_data(std::string_view text) {
    constexpr std::string_view open = "<Data";
    constexpr std::string_view close = "</Data>";
    constexpr std::string_view after_name = " \t\r\n>/";
    auto const last = text.rfind(close);
    if (last == std::string_view::npos) return std::nullopt;
    for (auto at = text.find(open); at < last; at = text.find(open, at + 1)) {
        if (after_name.contains(text[at + open.size()])) return Cut{at, last + close.size()};
    }
    return std::nullopt;
}

bool same_attributes(Element a, Element b) {
    return std::ranges::equal(a.attributes(), b.attributes(), [](auto const& left, auto const& right) {
        return left.name == right.name && left.value == right.value;
    });
}

/// Recursion is bounded by schemas::Limits::max_depth.
bool same_tree(Element a, Element b) {
    if (a.name() != b.name() || a.text() != b.text() || !same_attributes(a, b)) return false;
    auto left = a.first_child();
    auto right = b.first_child();
    for (; left && right; left = left->next_sibling(), right = right->next_sibling()) {
        if (!same_tree(*left, *right)) return false;
    }
    return !left && !right;
}

/// The one `Data` below the root that an XML reader finds.
std::optional<Element> only_data(Element root) {
    std::optional<Element> found;
    for (auto child = root.first_child(); child; child = child->next_sibling()) {
        if (child->name() != "Data") continue;
        if (found) return std::nullopt;
        found = child;
    }
    return found;
}

std::pair<std::uint32_t, std::uint32_t> place_of(std::string_view text, std::size_t offset) {
    auto const before = text.substr(0, offset);
    auto const line = 1 + std::ranges::count(before, '\n');
    auto const line_start = before.rfind('\n');
    auto const column =
        1 + (line_start == std::string_view::npos ? before.size() : before.size() - line_start - 1);
    return {static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(column)};
}

} // namespace

std::unexpected<Error> SignedData::refuse(Element element, Code code, std::string message) const {
    auto const first_line = element.line() <= 1;
    return std::unexpected(
        Error{.code = code,
              .message = std::move(message),
              .detail = {},
              .line = line + (first_line ? 0 : element.line() - 1),
              .column = first_line ? column + std::max(element.column(), 1U) - 1 : element.column()});
}

Result<SignedData> read_signed_data(BytesView body) {
    auto const text = wire::to_utf8(body);
    if (!text) return std::unexpected(text.error());
    auto const cut = find_data(*text);
    if (!cut) return fail(Code::malformed, "the request has no signed Data element");

    auto const region = std::string_view(*text).substr(cut->begin, cut->end - cut->begin);
    auto signed_document = schemas::parse(as_bytes(region));
    if (!signed_document) return std::unexpected(std::move(signed_document.error()));
    auto const whole = schemas::parse(body);
    if (!whole) return std::unexpected(whole.error());
    auto const seen = only_data(whole->root());
    if (!seen || !same_tree(*seen, signed_document->root())) {
        return fail(Code::malformed, "the signed text is not the Data element of the request");
    }
    auto const [line, column] = place_of(*text, cut->begin);
    return SignedData{wire::to_utf16le(region), std::move(*signed_document), line, column};
}

} // namespace pointman::endpoints::registration
