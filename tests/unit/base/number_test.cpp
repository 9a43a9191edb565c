// SPDX-License-Identifier: Apache-2.0
#include "base/number.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>

using namespace pointman;

TEST_CASE("a text is a number as a whole or not at all") {
    struct Row {
        std::string text;
        std::optional<std::int64_t> number;
        std::optional<std::uint16_t> small; ///< as a number that has 16 bits and no sign
    };
    auto const row = GENERATE(values<Row>({
        {"0", 0, 0},
        {"007", 7, 7},
        {"65535", 65535, 65535},
        {"65536", 65536, {}},
        {"-1", -1, {}},
        {"9223372036854775807", INT64_MAX, {}},
        {"9223372036854775808", {}, {}},
        {"", {}, {}},
        {"-", {}, {}},
        {"+1", {}, {}},
        {" 1", {}, {}},
        {"1 ", {}, {}},
        {"1x", {}, {}},
        {"0x1", {}, {}},
        {"1.5", {}, {}},
        {std::string("1\0", 2), {}, {}},
    }));
    CAPTURE(row.text);
    CHECK(number_in<std::int64_t>(row.text) == row.number);
    CHECK(number_in<std::uint16_t>(row.text) == row.small);
}

TEST_CASE("numbers in hexadecimal") {
    CHECK(number_in<std::uint64_t>("9F86D081884C7D65", 16) == 0x9F86D081884C7D65);
    CHECK(number_in<std::uint64_t>("ff", 16) == 255U);
    CHECK_FALSE(number_in<std::uint64_t>("10000000000000000", 16));
    CHECK_FALSE(number_in<std::uint64_t>("fg", 16));
}
