// SPDX-License-Identifier: Apache-2.0
#include "server/wire/message.hpp"

#include "server/wire/utf16.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace pointman::wire {

namespace {

BytesView clamped(BytesView payload, Range const& range) {
    auto const offset = std::min(range.offset, payload.size());
    return payload.subspan(offset, std::min(range.length, payload.size() - offset));
}

bool same_bytes(BytesView a, BytesView b) {
    return a.data() == b.data() && a.size() == b.size();
}

} // namespace

Message::Message(Header header, Bytes payload)
    : header_(std::move(header))
    , payload_(std::move(payload)) {}

BytesView Message::body() const {
    return strip_trailer(header_.body ? clamped(payload_, *header_.body) : BytesView(payload_));
}

std::vector<Attachment> Message::attachments() const {
    auto const& ranges = header_.attachments;
    std::map<std::string_view, std::size_t> last;
    for (std::size_t i = 0; i < ranges.size(); ++i) last[ranges[i].name] = i;

    auto const body_again = [text = body()](BytesView bytes) {
        return same_bytes(strip_trailer(bytes), text);
    };
    std::vector<Attachment> result;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        auto const& name = ranges[i].name;
        auto const bytes = clamped(payload_, ranges[i].range);
        if (name.empty() ? body_again(bytes) : last[name] != i) continue;
        result.push_back({.name = name, .bytes = bytes});
    }
    return result;
}

std::vector<BytesView> Message::ranges() const {
    std::vector<BytesView> result{body()};
    std::set<std::pair<std::byte const*, std::size_t>> seen{{result.front().data(), result.front().size()}};
    for (auto const& attachment : header_.attachments) {
        auto const bytes = strip_trailer(clamped(payload_, attachment.range));
        if (!bytes.empty() && seen.emplace(bytes.data(), bytes.size()).second) result.push_back(bytes);
    }
    return result;
}

} // namespace pointman::wire
