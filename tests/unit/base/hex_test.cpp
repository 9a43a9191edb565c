// SPDX-License-Identifier: Apache-2.0
#include "base/hex.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

using namespace pointman;

TEST_CASE("hexadecimal is written in capitals", "[base]") {
    CHECK(to_hex({}).empty());
    CHECK(to_hex(as_bytes(std::string_view("\x00\x01\x7f\x80\xab\xff", 6))) == "00017F80ABFF");
}

TEST_CASE("hexadecimal is read in either case, white space skipped", "[base]") {
    struct Row {
        std::string text;
        std::string expected;
    };
    auto const row = GENERATE(values<Row>({{"", ""},
                                           {" \r\n\t", ""},
                                           {"4142", "AB"},
                                           {"4a4B", "JK"},
                                           {" 41\r\n42\t", "AB"},
                                           {"4 1", "A"},
                                           {"ff00", std::string("\xff\0", 2)}}));
    INFO(row.text);
    auto const bytes = from_hex(row.text);
    REQUIRE(bytes.has_value());
    CHECK(as_chars(*bytes) == row.expected);
}

TEST_CASE("what is no hexadecimal", "[base]") {
    struct Row {
        std::string text;
        std::string message;
    };
    auto const row = GENERATE(values<Row>({{"4", "odd number of hexadecimal digits"},
                                           {"414", "odd number of hexadecimal digits"},
                                           {"0x41", "no hexadecimal digit at position 2"},
                                           {"4G", "no hexadecimal digit at position 2"},
                                           {"41-42", "no hexadecimal digit at position 3"},
                                           {std::string("41\0", 3), "no hexadecimal digit at position 3"},
                                           {"\xc3\xa4", "no hexadecimal digit at position 1"}}));
    INFO(row.text);
    auto const bytes = from_hex(row.text);
    REQUIRE_FALSE(bytes.has_value());
    CHECK(bytes.error().code == Code::malformed);
    CHECK(bytes.error().message == row.message);
}

TEST_CASE("bytes come back from their hexadecimal", "[base]") {
    CHECK(rc::check([](std::string const& text) {
        RC_ASSERT(from_hex(to_hex(as_bytes(text))).value() == to_bytes(text));
    }));
}

TEST_CASE("SHA-256 of FIPS 180-2's examples", "[base]") {
    CHECK(sha256_hex({}) == "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855");
    CHECK(sha256_hex(as_bytes("abc")) == "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
}
