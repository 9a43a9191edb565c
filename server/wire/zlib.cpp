// SPDX-License-Identifier: Apache-2.0
#include "server/wire/zlib.hpp"

#include <algorithm>
#include <array>
#include <libdeflate.h>
#include <memory>
#include <new>

namespace pointman::wire {

namespace {

/// Up to here the fastest level takes half the time of the usual one, for a result that is hardly larger.
constexpr std::size_t small_text = std::size_t{16} * 1024;
constexpr int fast_level = 1;
constexpr int good_level = 6;

/// 32 KB of window, default level. The level is told for information only; this one is what servers have
/// always sent, and not every client reads on where it finds another.
constexpr std::array<std::byte, 2> usual_header{std::byte{0x78}, std::byte{0x9C}};

constexpr std::size_t ratio_threshold = std::size_t{1024} * 1024;

/// The messages of clients are UTF-16 text that shrinks about so much: mostly the first guess is enough.
constexpr std::size_t usual_ratio = 16;
constexpr std::size_t least_room = std::size_t{4} * 1024;
constexpr std::size_t growth = 4;

struct FreeCompressor {
    void operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }
};
struct FreeDecompressor {
    void operator()(libdeflate_decompressor* decompressor) const {
        libdeflate_free_decompressor(decompressor);
    }
};
using Compressor = std::unique_ptr<libdeflate_compressor, FreeCompressor>;
using Decompressor = std::unique_ptr<libdeflate_decompressor, FreeDecompressor>;

/// Their tables are large, so each thread keeps its own.
libdeflate_compressor& compressor_for(std::size_t size) {
    auto const make = [](int level) {
        Compressor made(libdeflate_alloc_compressor(level));
        if (!made) throw std::bad_alloc();
        return made;
    };
    if (size <= small_text) {
        thread_local Compressor const fast = make(fast_level);
        return *fast;
    }
    thread_local Compressor const good = make(good_level);
    return *good;
}

libdeflate_decompressor& decompressor() {
    thread_local Decompressor const kept(libdeflate_alloc_decompressor());
    if (!kept) throw std::bad_alloc();
    return *kept;
}

/// What a stream of `compressed` bytes may come to, and the refusal of one that goes beyond.
struct Bound {
    std::size_t size;
    char const* beyond;
};

Bound bound_of(std::size_t compressed, Limits const& limits) {
    auto const ratio = std::max<std::size_t>(limits.max_ratio, 1);
    // Not `compressed * ratio`, which may be more than a size can say.
    bool const is_small = compressed < limits.max_inflated / ratio;
    auto const plausible = is_small ? std::max(compressed * ratio, ratio_threshold) : limits.max_inflated;
    if (plausible < limits.max_inflated) return {plausible, "payload compressed beyond any plausible ratio"};
    return {limits.max_inflated, "payload too large after decompression"};
}

} // namespace

Bytes zlib_compress(BytesView plain) {
    auto& compressor = compressor_for(plain.size());
    Bytes out(libdeflate_zlib_compress_bound(&compressor, plain.size()));
    out.resize(libdeflate_zlib_compress(&compressor, plain.data(), plain.size(), out.data(), out.size()));
    std::ranges::copy(usual_header, out.begin());
    return out;
}

Result<Bytes> zlib_decompress(BytesView compressed, Limits const& limits) {
    auto const bound = bound_of(compressed.size(), limits);
    // A byte more than is allowed tells what is just too large from what is just right.
    Bytes out(std::min(std::max(compressed.size() * usual_ratio, least_room), bound.size + 1));
    while (true) {
        std::size_t consumed = 0;
        std::size_t inflated = 0;
        auto const outcome =
            libdeflate_zlib_decompress_ex(&decompressor(), compressed.data(), compressed.size(), out.data(),
                                          out.size(), &consumed, &inflated);
        if (outcome == LIBDEFLATE_BAD_DATA)
            return fail(Code::malformed, "no valid zlib stream, or one that is cut short");
        if (outcome == LIBDEFLATE_SUCCESS && inflated <= bound.size) {
            out.resize(inflated);
            return out;
        }
        if (out.size() > bound.size) return fail(Code::limit_exceeded, bound.beyond);
        out = Bytes(std::min(out.size() * growth, bound.size + 1));
    }
}

} // namespace pointman::wire
