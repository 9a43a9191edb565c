// SPDX-License-Identifier: Apache-2.0
#include "base/ids.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>

#include <regex>
#include <set>

using namespace pointman;

namespace {
std::string const uuid = "5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3";
std::string const lower = "5b0c7a52-3f61-4e0a-9d11-27a8c4e0f1b3";
} // namespace

TEST_CASE("every spelling of a client's id is the same id", "[base]") {
    auto const text = GENERATE_COPY(
        values<std::string>({"GUID:" + uuid, "GUID:" + lower, "guid:" + lower, "Guid:{" + uuid + "}",
                             "GUID:{" + lower + "}", "{" + uuid + "}", "{" + lower + "}", uuid, lower,
                             "  GUID:" + uuid + "\r\n", "GUID:" + uuid + std::string(1, '\0')}));
    INFO(text);
    auto const id = ClientId::parse(text);
    REQUIRE(id.has_value());
    CHECK(id->text() == "GUID:" + uuid);
    CHECK(id->uuid() == uuid);
}

TEST_CASE("a UUID with braces or without", "[base]") {
    for (auto const& text : {uuid, lower, "{" + uuid + "}", "{" + lower + "}"}) CHECK(uuid_in(text) == uuid);
    for (auto const& text :
         {std::string(), std::string("{}"), "GUID:" + uuid, "{" + uuid, uuid + "}", " " + uuid,
          "{{" + uuid + "}}", uuid + "0", uuid.substr(1), "../" + uuid.substr(3)}) {
        INFO(text);
        CHECK_FALSE(uuid_in(text).has_value());
    }
}

TEST_CASE("what is no client's id", "[base]") {
    auto const text = GENERATE_COPY(values<std::string>({
        "",
        "GUID:",
        "{}",
        "GUID:{}",
        "GUID",
        "UUID:" + uuid,
        "GUID:" + uuid + "0",
        "GUID:" + uuid.substr(1),
        "{" + uuid,
        uuid + "}",
        "GUID:{" + uuid,
        "{GUID:" + uuid + "}",
        "{{" + uuid + "}}",
        "GUID:GUID:" + uuid,
        "5B0C7A52+3F61+4E0A+9D11+27A8C4E0F1B3",
        "5B0C7A523F61-4E0A-9D11-27A8C4E0F1B3-",
        "5B0C7A523F614E0A9D1127A8C4E0F1B3",
        "GB0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3",
        "GUID: " + uuid,
        uuid.substr(0, 18) + std::string(1, '\0') + uuid.substr(19),
    }));
    INFO(text);
    auto const id = ClientId::parse(text);
    REQUIRE_FALSE(id.has_value());
    CHECK(id.error().code == Code::malformed);
}

TEST_CASE("random ids are random UUIDs of version 4", "[base]") {
    std::regex const version4("[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}");
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        auto const made = random_uuid();
        REQUIRE(std::regex_match(made, version4));
        seen.insert(made);
    }
    CHECK(seen.size() == 1000);
    auto const message = random_message_id();
    CHECK(message.front() == '{');
    CHECK(message.back() == '}');
    CHECK(std::regex_match(message.substr(1, message.size() - 2), version4));
    auto const client = ClientId::random();
    CHECK(ClientId::parse(client.text()) == client);
    CHECK(client != ClientId::random());
}
