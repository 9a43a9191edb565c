// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/schedule.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using endpoints::policy::interval_minutes;
using endpoints::policy::schedule_token;

TEST_CASE("schedules become the tokens of clients", "[policy]") {
    struct Row {
        std::string text;
        std::string token;
    };
    auto const row = GENERATE(values<Row>({
        // Every day and every week from 1 February 1970 are in all client settings of the product.
        {"1d", "0001200000100008"},
        {"7d", "0001200000100038"},
        {"1w", "0001200000100038"},
        {"7D", "0001200000100038"},
        {"24h", "0001200000100008"},
        {"31d", "00012000001000F8"},
        {"1h", "0001200000100100"},
        {"60m", "0001200000100100"},
        {"12h", "0001200000100C00"},
        {"23h", "0001200000101700"},
        {"1m", "0001200000102000"},
        {"30m", "000120000013C000"},
        {"59m", "0001200000176000"},
        // Tokens of live systems: every two days with a duration, daily, once, weekly, monthly.
        {"1033BC7B10100010", "1033BC7B10100010"},
        {"0062200000100008", "0062200000100008"},
        {"58419D0000080001", "58419D0000080001"},
        {"58419d0000080001", "58419D0000080001"},
        {"0001200000192000", "0001200000192000"},
        {"0001200000100038", "0001200000100038"},
        {"00012000001000380062200000100008", "00012000001000380062200000100008"},
        {"00100038", "0001200000100038"},
    }));
    INFO(row.text);
    auto const token = schedule_token(row.text);
    REQUIRE(token.has_value());
    CHECK(*token == row.token);
}

TEST_CASE("what is no schedule", "[policy]") {
    struct Row {
        std::string text;
        std::string why;
    };
    std::string const form = "give a time like 30m, 12h or 7d of at most 31 days, or a token of 16 digits";
    std::string const spans =
        "up to 59 minutes, up to 23 hours or up to 31 whole days can be told to a client";
    auto const row = GENERATE_COPY(values<Row>({
        {"", form},
        {"d", form},
        {"7", form},
        {"7x", form},
        {"-7d", form},
        {"7 d", form},
        {"0d", form},
        {"32d", form},
        {"99999999999d", form},
        {"000120000010003", form},
        {"000120000010003G", form},
        {"90m", spans},
        {"25h", spans},
        {"36h", spans},
        {"0000200000100038", "it starts at no date"},
        {"001E200000100038", "it starts at no date"}, // 30 February
        {"F001200000100038", "it starts at no date"}, // minute 60
        {"0001200000000038", "its recurrence is unknown"},
        {"0001200000300038", "its recurrence is unknown"},
        {"0001200000100000", "its recurrence is unknown"}, // every nothing
        {"00012000001000380001200000000038", "its recurrence is unknown"},
    }));
    INFO(row.text);
    auto const token = schedule_token(row.text);
    REQUIRE_FALSE(token.has_value());
    CHECK(token.error().code == Code::usage);
    CHECK(token.error().message == "\"" + row.text + "\" is no schedule: " + row.why);
}

TEST_CASE("plain intervals in minutes", "[policy]") {
    CHECK(interval_minutes("30m").value() == 30);
    CHECK(interval_minutes("90m").value() == 90);
    CHECK(interval_minutes("1H").value() == 60);
    CHECK(interval_minutes("2w").value() == 20'160);
    CHECK(interval_minutes("31d").value() == 44'640);
    CHECK_FALSE(interval_minutes("32d").has_value());
    CHECK_FALSE(interval_minutes("5w").has_value());
    CHECK_FALSE(interval_minutes("0m").has_value());
    CHECK_FALSE(interval_minutes("00100038").has_value());
}
