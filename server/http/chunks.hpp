// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace pointman::http {

/// Takes a chunked body apart (RFC 9112, 7.1) as its bytes come. Extensions and trailers are dropped.
/// Strict where leniency would let two parties see different bodies: CRLF only, no sign, no space, no "0x".
class ChunkDecoder {
public:
    enum class Event {
        need_more, ///< all bytes that can be used are used
        chunk,     ///< a chunk of chunk_size() bytes begins: the moment to refuse it
        done,      ///< the body is whole; bytes behind it are left
        bad,
    };
    struct Step {
        Event event = Event::need_more;
        std::size_t used = 0; ///< bytes of the input that need not be given again
    };

    /// Appends to `body`. Never takes bytes behind the end of the body.
    Step feed(BytesView input, Bytes& body);
    std::uint64_t chunk_size() const { return size_; }

private:
    enum class Place {
        size,
        extension,
        size_end,
        data,
        data_end,
        data_end_lf,
        trailer,
        trailer_line,
        last_lf,
        done,
        bad
    };

    /// One byte outside of chunk data.
    Event take(char c);
    Event begin_chunk();
    Event fail();

    Place place_ = Place::size;
    std::uint64_t size_ = 0;
    std::uint64_t left_ = 0;
    unsigned digits_ = 0;
    std::size_t overhead_ = 0; ///< bytes of extensions and trailers
};

} // namespace pointman::http
