// SPDX-License-Identifier: Apache-2.0
#include "server/wire/zlib.hpp"

#define ZLIB_CONST // next_in is a pointer to const then
#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>
#include <stdexcept>

namespace pointman::wire {

namespace {

constexpr std::size_t chunk_size = std::size_t{64} * 1024;
constexpr std::size_t ratio_threshold = std::size_t{1024} * 1024;

struct Scratch {
    std::array<Bytef, chunk_size> bytes;
};

/// A stream takes up to 256 KiB to set up, so each thread keeps one and resets it.
struct Inflater {
    z_stream stream{};
    Inflater() {
        if (inflateInit(&stream) != Z_OK) throw std::bad_alloc();
    }
    ~Inflater() { inflateEnd(&stream); }
    Inflater(Inflater const&) = delete;
    Inflater& operator=(Inflater const&) = delete;
};

struct Deflater {
    z_stream stream{};
    Deflater() {
        if (deflateInit(&stream, Z_DEFAULT_COMPRESSION) != Z_OK) throw std::bad_alloc();
    }
    ~Deflater() { deflateEnd(&stream); }
    Deflater(Deflater const&) = delete;
    Deflater& operator=(Deflater const&) = delete;
};

Scratch& scratch() {
    thread_local Scratch buffer;
    return buffer;
}

/// zlib counts input in 32 bits: what does not fit is given in pieces.
void feed(z_stream& stream, BytesView& rest) {
    if (stream.avail_in != 0 || rest.empty()) return;
    auto const size = std::min<std::size_t>(rest.size(), std::numeric_limits<uInt>::max());
    stream.next_in = reinterpret_cast<Bytef const*>(rest.data());
    stream.avail_in = static_cast<uInt>(size);
    rest = rest.subspan(size);
}

void offer_output(z_stream& stream) {
    stream.next_out = scratch().bytes.data();
    stream.avail_out = static_cast<uInt>(chunk_size);
}

BytesView written(z_stream const& stream) {
    return std::as_bytes(std::span(scratch().bytes).first(chunk_size - stream.avail_out));
}

Result<void> check_bounds(std::size_t inflated, std::size_t consumed, Limits const& limits) {
    if (inflated > limits.max_inflated)
        return fail(Code::limit_exceeded, "payload too large after decompression");
    if (inflated > ratio_threshold && inflated / std::max<std::size_t>(limits.max_ratio, 1) > consumed)
        return fail(Code::limit_exceeded, "payload compressed beyond any plausible ratio");
    return {};
}

} // namespace

Bytes zlib_compress(BytesView plain) {
    thread_local Deflater deflater;
    auto& stream = deflater.stream;
    deflateReset(&stream);
    stream.avail_in = 0;
    Bytes out;
    out.reserve(plain.size() / 4 + 64);
    for (int status = Z_OK; status != Z_STREAM_END;) {
        feed(stream, plain);
        offer_output(stream);
        status = deflate(&stream, plain.empty() ? Z_FINISH : Z_NO_FLUSH);
        if (status == Z_STREAM_ERROR) throw std::logic_error("zlib: stream in disorder");
        auto const bytes = written(stream);
        out.insert(out.end(), bytes.begin(), bytes.end());
    }
    return out;
}

Result<Bytes> zlib_decompress(BytesView compressed, Limits const& limits) {
    thread_local Inflater inflater;
    auto& stream = inflater.stream;
    inflateReset(&stream);
    stream.avail_in = 0;
    Bytes out;
    for (int status = Z_OK; status != Z_STREAM_END;) {
        feed(stream, compressed);
        offer_output(stream);
        status = inflate(&stream, Z_NO_FLUSH);
        if (status == Z_BUF_ERROR) return fail(Code::malformed, "zlib stream cut short");
        if (status == Z_MEM_ERROR) throw std::bad_alloc();
        if (status != Z_OK && status != Z_STREAM_END) return fail(Code::malformed, "no valid zlib stream");
        auto const bytes = written(stream);
        if (auto const within = check_bounds(out.size() + bytes.size(), stream.total_in, limits); !within)
            return std::unexpected(within.error());
        out.insert(out.end(), bytes.begin(), bytes.end());
    }
    return out;
}

} // namespace pointman::wire
