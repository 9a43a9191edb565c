// SPDX-License-Identifier: Apache-2.0
#include "server/site/content.hpp"

#include "base/number.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace pointman::site {

namespace {

/// A part of the content, or one that it does not have.
struct Part {
    std::size_t first = 0;
    std::size_t size = 0; ///< 0 = there is nothing there
};

/// `bytes=2-5`, `bytes=2-`, `bytes=-3`; nothing for what is not one range.
std::optional<Part> part_of(std::string_view range, std::size_t size) {
    constexpr std::string_view unit = "bytes=";
    if (!starts_with_ignoring_case(range, unit)) return {};
    range = trim(range.substr(unit.size()));
    auto const dash = range.find('-');
    if (dash == std::string_view::npos) return {};
    auto const first = number_in<std::uint64_t>(range.substr(0, dash));
    auto const last = number_in<std::uint64_t>(range.substr(dash + 1));
    if (dash == 0) {
        if (!last) return {};
        auto const length = static_cast<std::size_t>(std::min<std::uint64_t>(*last, size));
        return Part{size - length, length};
    }
    if (!first || (!last && dash + 1 != range.size()) || (last && *last < *first)) return {};
    if (*first >= size) return Part{};
    auto const end = last ? std::min<std::uint64_t>(*last, size - 1) + 1 : size;
    return Part{static_cast<std::size_t>(*first), static_cast<std::size_t>(end - *first)};
}

bool names(std::string_view tags, std::string_view tag) {
    return trim(tags) == "*" || tags.find(tag) != std::string_view::npos;
}

} // namespace

http::Response serve(http::Request const& request, Content const& content) {
    http::Response response;
    response.headers = {{"ETag", std::string(content.tag)}, {"Cache-Control", "no-cache"}};
    if (names(request.header("if-none-match"), content.tag)) {
        response.status = 304;
        return response;
    }
    response.headers.emplace_back("Accept-Ranges", "bytes");
    response.headers.emplace_back("Content-Type", std::string(content.type));
    auto const if_range = trim(request.header("if-range"));
    bool const of_this = if_range.empty() || if_range == content.tag;
    bool const partial = of_this && request.method == "GET";
    auto const part = partial ? part_of(request.header("range"), content.bytes.size()) : std::nullopt;
    if (!part) {
        response.body.assign(content.bytes.begin(), content.bytes.end());
        return response;
    }
    auto const whole = content.bytes.size();
    if (part->size == 0) {
        response.status = 416;
        response.headers.emplace_back("Content-Range", fmt::format("bytes */{}", whole));
        return response;
    }
    response.status = 206;
    response.headers.emplace_back(
        "Content-Range", fmt::format("bytes {}-{}/{}", part->first, part->first + part->size - 1, whole));
    auto const bytes = content.bytes.subspan(part->first, part->size);
    response.body.assign(bytes.begin(), bytes.end());
    return response;
}

} // namespace pointman::site
