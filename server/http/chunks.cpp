// SPDX-License-Identifier: Apache-2.0
#include "server/http/chunks.hpp"

#include <algorithm>

namespace pointman::http {
namespace {

// Nobody needs extensions or trailers here; the bound keeps a body of nothing but them from going on for
// ever.
constexpr std::size_t max_overhead = std::size_t{8} * 1024;
constexpr unsigned max_digits = 15; // cannot overflow 64 bits

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    auto const lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

} // namespace

ChunkDecoder::Event ChunkDecoder::fail() {
    place_ = Place::bad;
    return Event::bad;
}

ChunkDecoder::Event ChunkDecoder::begin_chunk() {
    digits_ = 0;
    left_ = size_;
    place_ = size_ == 0 ? Place::trailer : Place::data;
    return size_ == 0 ? Event::need_more : Event::chunk;
}

ChunkDecoder::Event ChunkDecoder::take(char c) {
    auto const expect = [this, c](char wanted, Place next) {
        if (c != wanted) return fail();
        place_ = next;
        return Event::need_more;
    };
    switch (place_) {
    case Place::size: {
        auto const digit = hex_value(c);
        if (digit >= 0) {
            if (++digits_ > max_digits) return fail();
            size_ = size_ * 16 + static_cast<std::uint64_t>(digit);
            return Event::need_more;
        }
        if (digits_ == 0) return fail();
        return c == ';' ? expect(';', Place::extension) : expect('\r', Place::size_end);
    }
    case Place::extension:
        if (c == '\n' || ++overhead_ > max_overhead) return fail();
        if (c == '\r') place_ = Place::size_end;
        return Event::need_more;
    case Place::size_end:
        return c == '\n' ? begin_chunk() : fail();
    case Place::data_end:
        return expect('\r', Place::data_end_lf);
    case Place::data_end_lf:
        size_ = 0;
        return expect('\n', Place::size);
    case Place::trailer: // at the beginning of a line
        if (c == '\r') return expect('\r', Place::last_lf);
        place_ = Place::trailer_line;
        [[fallthrough]];
    case Place::trailer_line:
        if (++overhead_ > max_overhead) return fail();
        if (c == '\n') place_ = Place::trailer;
        return Event::need_more;
    case Place::last_lf:
        if (c != '\n') return fail();
        place_ = Place::done;
        return Event::done;
    case Place::data:
    case Place::done:
    case Place::bad:
        break;
    }
    return fail();
}

ChunkDecoder::Step ChunkDecoder::feed(BytesView input, Bytes& body) {
    if (place_ == Place::done) return {Event::done, 0};
    std::size_t used = 0;
    while (used < input.size()) {
        if (place_ == Place::data) {
            auto const count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size() - used));
            auto const piece = input.subspan(used, count);
            body.insert(body.end(), piece.begin(), piece.end());
            used += count;
            left_ -= count;
            if (left_ == 0) place_ = Place::data_end;
            continue;
        }
        auto const event = take(static_cast<char>(input[used]));
        ++used;
        if (event != Event::need_more) return {event, used};
    }
    return {Event::need_more, used};
}

} // namespace pointman::http
