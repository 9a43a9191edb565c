// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/endpoints/bench.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using test::Draft;
using test::noted;
using test::refusal_of;
using test::replaced;

namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

std::string status(std::string const& name) {
    return test::sample("status/valid/status." + name + ".xml");
}

Draft reported(std::string body, std::string_view source = test::lab_pc) {
    return {"StatusReceiver", std::string(source), std::move(body)};
}

} // namespace

TEST_CASE("a status message is stored with its class, properties and qualifiers") {
    test::Bench bench;
    bench.enroll(test::lab_pc);
    auto const body = status("2007_style");
    auto const reply = bench.deliver(reported(body));
    REQUIRE(refusal_of(reply) == "");
    CHECK(reply->xml == "");
    CHECK(noted(*reply, endpoints::Note::Kind::info, "SoftDistProgramStartedEvent"));

    auto const messages = bench.status_messages();
    REQUIRE(messages.size() == 1);
    auto const& stored = messages.front();
    CHECK(stored.client == test::lab_pc);
    CHECK(stored.machine == "LAB-PC-0042");
    CHECK(stored.site == "ABC");
    CHECK(stored.event_class == "SoftDistProgramStartedEvent");
    CHECK(stored.time == "20240131090507.123000+000");
    CHECK(stored.code_page == "1252");
    CHECK(stored.locale_id == "1031");
    CHECK(stored.received == test::bench_time);
    CHECK(stored.message_id == "{159B74B3-6977-42DA-8EA5-C9A0DD3C51D0}");
    REQUIRE(stored.properties.size() == 12);
    CHECK(stored.properties.front() == Values::value_type{"AdvertisementId", "ABC20017"});
    CHECK(stored.properties.back() ==
          Values::value_type{"WorkingDirectory", R"(C:\Cache\ABC00031.2.System\)"});
    CHECK(stored.qualifiers == Values{{"Description", "invented qualifier"}});
}

TEST_CASE("status messages are taken as clients send them") {
    struct Row {
        std::string name;
        std::string body;
        std::string source;
        std::string client;
        std::string event_class;
        std::size_t properties;
        std::string warning; ///< part of it, "" = none
    };
    std::string const own(test::lab_pc);
    auto const started = status("2007_style");
    auto const row = GENERATE_COPY(
        Row{"order of the SDK", status("sdk"), own, own, "SMS_GenericStatusMessage_Info", 1, ""},
        Row{"ad-hoc class", status("ad_hoc_class"), own, own, "SMS_UnknownStatusMessage", 14, ""},
        Row{"class that nobody knows",
            replaced(started, "SoftDistProgramStartedEvent", "Acme_PumpFailure_Error"), own, own,
            "Acme_PumpFailure_Error", 12, ""},
        Row{"property without name", replaced(started, R"( Name="ProcessID")", ""), own, own,
            "SoftDistProgramStartedEvent", 11, "Property without Name"},
        Row{"time that is not CIM", replaced(started, "20240131090507.123000+000", "2024-01-31T09:05:07Z"),
            own, own, "SoftDistProgramStartedEvent", 12, "no CIM time"},
        Row{"client that is no id", replaced(started, own, "LAB-PC-0042"), own, own,
            "SoftDistProgramStartedEvent", 12, "no client id"},
        Row{"unsigned, client named inside", started, "", own, "SoftDistProgramStartedEvent", 12, ""},
        Row{"unsigned, no client at all", status("sdk"), "", "", "SMS_GenericStatusMessage_Info", 1, ""});
    CAPTURE(row.name);
    test::Bench bench;
    bench.enroll(test::lab_pc);
    auto const reply = bench.deliver(reported(row.body, row.source));
    REQUIRE(refusal_of(reply) == "");
    auto const messages = bench.status_messages();
    REQUIRE(messages.size() == 1);
    CHECK(messages.front().client == row.client);
    CHECK(messages.front().event_class == row.event_class);
    CHECK(messages.front().properties.size() == row.properties);
    CHECK(noted(*reply, endpoints::Note::Kind::warning, row.warning) == !row.warning.empty());
}

TEST_CASE("status messages that are not in order are refused") {
    auto const started = status("2007_style");
    struct Row {
        std::string name;
        std::string body;
        std::string refusal;
    };
    auto const row = GENERATE_COPY(
        Row{"another client", replaced(started, test::lab_pc, test::workstation), "WrongClient"},
        Row{"no type", test::sample("status/invalid/status.no_type.xml"), "SchemaViolation"},
        Row{"blank type", replaced(started, "SoftDistProgramStartedEvent", " \n "), "SchemaViolation"},
        Row{"version 2", replaced(started, "\"1.0\"", "\"2.0\""), "SchemaViolation"},
        Row{"another root", "<StatusMessage/>", "SchemaViolation"},
        Row{"not well-formed", "<Status", "Malformed"});
    CAPTURE(row.name);
    test::Bench bench;
    bench.enroll(test::lab_pc);
    CHECK(refusal_of(bench.deliver(reported(row.body))) == row.refusal);
    CHECK(bench.status_messages().empty());
}
