// SPDX-License-Identifier: Apache-2.0
#include "base/hex.hpp"
#include "server/wire/zlib.hpp"
#include "tests/support/deflated.hpp"
#include "tests/unit/wire/support.hpp"

using namespace pointman;
using namespace pointman::test;

namespace {

constexpr std::size_t mebibyte = 1024U * 1024;

Bytes repeated(std::size_t count) {
    return Bytes(count, std::byte{'a'});
}

} // namespace

TEST_CASE("one zlib stream, whatever its level and what follows it") {
    struct Row {
        char const* name;
        std::string hex;
        std::string text;
    };
    // The streams were made with zlib 1.2.13's levels 0, 1, 6 and 9.
    auto const row = GENERATE(values<Row>({
        {"stored, 78 01", "7801010500FAFF68656C6C6F062C0215", "hello"},
        {"default, 78 9C", "789CCB48CDC9C907 00062C0215", "hello"},
        {"best, 78 DA", "78DACB48CDC9C907 00062C0215", "hello"},
        {"small window, 58 85", "5885CB48CDC9C907 00062C0215", "hello"},
        {"stray bytes behind", "789CCB48CDC9C907 00062C0215 0D0A00", "hello"},
        {"empty text", "789C030000000001", ""},
    }));
    INFO(row.name);
    auto const plain = unwrap(wire::zlib_decompress(unwrap(from_hex(row.hex))));
    CHECK(as_chars(plain) == row.text);
}

TEST_CASE("streams of any size begin as the default level does") {
    auto const size = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{1000}, std::size_t{100'000});
    auto const compressed = wire::zlib_compress(repeated(size));
    CHECK(to_hex(BytesView(compressed).first(2)) == "789C");
    CHECK(unwrap(wire::zlib_decompress(compressed)) == repeated(size));
}

TEST_CASE("what is no zlib stream is malformed") {
    struct Row {
        char const* name;
        std::string hex;
    };
    auto const row = GENERATE(values<Row>({
        {"nothing", ""},
        {"header alone", "789C"},
        {"checksum cut off", "789CCB48CDC9C90700062C02"},
        {"XML", "3C004D00"},
        {"wrong header check", "789DCB48CDC9C90700062C0215"},
        {"wrong checksum", "789CCB48CDC9C90700062C0216"},
        {"gzip", "1F8B0800000000000003CB48CDC9C9070086A6103605000000"},
        {"preset dictionary", "78BB062C0215CB48CDC9C90700062C0215"},
        {"block of reserved type", "789C07"},
    }));
    INFO(row.name);
    auto const result = wire::zlib_decompress(unwrap(from_hex(row.hex)));
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Code::malformed);
    CHECK(result.error().message == "no valid zlib stream, or one that is cut short");
}

TEST_CASE("inflating stops at the bounds") {
    auto const compressed = deflated(repeated(4 * mebibyte));
    REQUIRE(compressed.size() * 1000 < 4 * mebibyte);
    struct Row {
        char const* name;
        wire::Limits limits;
        bool taken;
        char const* message;
    };
    auto const row = GENERATE(values<Row>({
        {"within both", {.max_inflated = 4 * mebibyte, .max_ratio = 2000}, true, ""},
        {"one byte too many",
         {.max_inflated = 4 * mebibyte - 1, .max_ratio = 2000},
         false,
         "payload too large after decompression"},
        {"default ratio", {}, false, "payload compressed beyond any plausible ratio"},
        {"no ratio at all means one",
         {.max_ratio = 0},
         false,
         "payload compressed beyond any plausible ratio"},
    }));
    INFO(row.name);
    auto const result = wire::zlib_decompress(compressed, row.limits);
    REQUIRE(result.has_value() == row.taken);
    if (row.taken) {
        CHECK(*result == repeated(4 * mebibyte));
    } else {
        CHECK(result.error().code == Code::limit_exceeded);
        CHECK(result.error().message == row.message);
    }
}

TEST_CASE("the ratio is not looked at up to one mebibyte") {
    auto const plain = repeated(mebibyte);
    CHECK(unwrap(wire::zlib_decompress(wire::zlib_compress(plain), {.max_ratio = 2})) == plain);
}

TEST_CASE("a failure leaves nothing behind for the next stream of the thread") {
    auto const good = wire::zlib_compress(as_bytes("hello"));
    CHECK_FALSE(wire::zlib_decompress(as_bytes("garbage")));
    CHECK(as_chars(unwrap(wire::zlib_decompress(good))) == "hello");
    CHECK_FALSE(wire::zlib_decompress(BytesView(good).first(good.size() - 1)));
    CHECK(as_chars(unwrap(wire::zlib_decompress(good))) == "hello");
}
