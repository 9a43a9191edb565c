// SPDX-License-Identifier: Apache-2.0
#include "base/hex.hpp"
#include "base/text.hpp"
#include "endpoints/policy/obfuscation.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

using namespace pointman;
using endpoints::policy::obfuscate;
using endpoints::policy::reveal;

namespace {

// Made with the openssl command from invented seeds.
std::string const triple_des =
    "891300000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728140000001E000000"
    "2000"
    "0000036600000000000083EF9CB696177014F7E61F43ECADFAF15B9F26A7BE460A8E2E91615656B7FF5B";
std::string const aes =
    "8A130000292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F50140000001A000000"
    "2000"
    "00001066000000000000C53B7102D063E00B54D24FC6F3B49A1F15F83C5CB62AE0849EF4ABFC5A6912FD";

/// With the digits from that byte on replaced.
std::string patched(std::string hex, std::size_t byte, std::string_view digits) {
    return hex.replace(byte * 2, digits.size(), digits);
}

std::string_view digits(std::string_view hex, std::size_t byte, std::size_t count) {
    return hex.substr(byte * 2, count * 2);
}

} // namespace

TEST_CASE("both forms of obfuscated values are read", "[policy]") {
    struct Row {
        std::string name;
        std::string hex;
        std::string value;
    };
    auto const row = GENERATE(values<Row>({
        {"3DES", triple_des, "LAB\\naa-Z\xC3\xBCrich"},
        {"AES-256", aes, "Gelb&Blau<7>"},
        {"AES-256 under the mark of 3DES", patched(aes, 0, "89"), "Gelb&Blau<7>"},
        {"on a line of its own", "\r\n\t\t" + triple_des + "\r\n\t", "LAB\\naa-Z\xC3\xBCrich"},
        {"in small letters, bytes behind it", to_lower(triple_des) + "2e0064", "LAB\\naa-Z\xC3\xBCrich"},
    }));
    INFO(row.name);
    auto const value = reveal(row.hex);
    REQUIRE(value.has_value());
    CHECK(*value == row.value);
}

TEST_CASE("what is no obfuscated value is refused", "[policy]") {
    struct Row {
        std::string name;
        std::string hex;
        std::string why;
    };
    auto const row = GENERATE(values<Row>({
        {"nothing", "", "shorter than its header"},
        {"clear text", "Gelb&Blau", "no hexadecimal"},
        {"an odd digit", triple_des + "0", "no hexadecimal"},
        {"a header cut short", triple_des.substr(0, 126), "shorter than its header"},
        {"the text cut short", triple_des.substr(0, triple_des.size() - 2), "cut short"},
        {"a length beyond all", patched(triple_des, 52, "FFFFFFFF"), "cut short"},
        {"another mark", patched(triple_des, 0, "88"), "unknown mark"},
        {"another algorithm", patched(triple_des, 56, "01"), "unknown algorithm"},
        {"another digest", patched(triple_des, 44, "20"), "unknown kind of key"},
        {"the key of another", patched(triple_des, 4, "FF"), "it does not decrypt"},
        {"no whole block", patched(triple_des, 52, "1F"), "it does not decrypt"},
        {"nothing encrypted", patched(triple_des, 52, "00"), "it does not decrypt"},
        {"another length of the text", patched(triple_des, 48, "1C"), "its lengths disagree"},
    }));
    INFO(row.name);
    auto const value = reveal(row.hex);
    REQUIRE_FALSE(value.has_value());
    CHECK(value.error().code == Code::malformed);
    CHECK(value.error().message == "not an obfuscated value: " + row.why);
}

TEST_CASE("values are obfuscated in the form that every client reads", "[policy]") {
    auto const hex = obfuscate("Gelb&Blau<7>");
    CHECK(digits(hex, 0, 4) == "89130000");
    CHECK(digits(hex, 44, 4) == "14000000");
    CHECK(digits(hex, 48, 4) == "1A000000"); // 13 units of UTF-16, the NUL among them
    CHECK(digits(hex, 52, 4) == "20000000");
    CHECK(digits(hex, 56, 4) == "03660000");
    CHECK(digits(hex, 60, 4) == "00000000");
    CHECK(hex.size() == (64 + 32) * 2);
    CHECK(hex.find_first_not_of("0123456789ABCDEF") == std::string::npos);
    // Another key each time.
    auto const again = obfuscate("Gelb&Blau<7>");
    CHECK(digits(hex, 4, 40) != digits(again, 4, 40));
    CHECK(digits(hex, 64, 32) != digits(again, 64, 32));
}

TEST_CASE("what is obfuscated is revealed again", "[policy]") {
    CHECK(reveal(obfuscate("")).value().empty());
    CHECK(reveal(obfuscate("\xEF\xBB\xBF\xE4\xBD\xA0\xF0\x9F\x98\x80")).value() ==
          "\xEF\xBB\xBF\xE4\xBD\xA0\xF0\x9F\x98\x80");
    CHECK(rc::check([](std::string const& bytes) {
        auto const value = to_hex(as_bytes(bytes)); // any length, UTF-8
        RC_ASSERT(reveal(obfuscate(value)).value() == value);
    }));
}
