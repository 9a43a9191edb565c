// SPDX-License-Identifier: Apache-2.0
#include "endpoints/status/events.hpp"
#include "tests/unit/endpoints/inventory_report.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <stdexcept>

using namespace pointman;
using test::ask;
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

namespace {

using db::StatusSeverity;

/// A message with these properties.
std::string event(std::string_view type, Values const& properties, Values const& qualifiers = {}) {
    std::string text = fmt::format("<Status SchemaVersion=\"1.0\"><Type>{}</Type><Properties>", type);
    for (auto const& [name, value] : properties)
        text += fmt::format("<Property Name=\"{}\">{}</Property>", name, value);
    text += "</Properties><Qualifiers>";
    for (auto const& [name, value] : qualifiers)
        text += fmt::format("<Qualifier Name=\"{}\">{}</Qualifier>", name, value);
    return text + "</Qualifiers></Status>";
}

db::StatusMessage stored_of(std::string const& text) {
    test::Bench bench;
    bench.enroll(test::lab_pc);
    auto const reply = bench.deliver(reported(text));
    if (!reply) throw std::runtime_error(describe(reply.error()));
    return bench.status_messages().at(0);
}

} // namespace

TEST_CASE("every documented class has its severity, component and strings") {
    struct Row {
        std::string type;
        StatusSeverity severity;
        std::string component;
    };
    auto const informational = StatusSeverity::informational;
    auto const warning = StatusSeverity::warning;
    auto const error = StatusSeverity::error;
    std::string const distribution = "Software Distribution";
    auto const rows = std::vector<Row>{
        {"SMS_SofwareDistribution_Event", informational, distribution},
        {"SoftwareDistributionPackageEvent", informational, distribution},
        {"SoftDistProgramStartedEvent", informational, distribution},
        {"SoftDistProgramCompletedSuccessfullyEvent", informational, distribution},
        {"SoftDistProgramCompletedSuccessfulMIFEvent", informational, distribution},
        {"SoftDistProgramErrorEvent", error, distribution},
        {"SoftDistProgramErrorMIFEvent", error, distribution},
        {"SoftDistWarningProgramErrorEvent", warning, distribution},
        {"SoftDistProgramExceededTime", warning, distribution},
        {"SoftDistProgramPrelimSuccessEvent", informational, distribution},
        {"SoftDistProgramUnexpectedRebootEvent", warning, distribution},
        {"SoftDistProgramShouldNeverRun", warning, distribution},
        {"SoftDistDownloadStartedEvent", informational, distribution},
        {"SoftDistDownloadFailedEvent", error, distribution},
        {"SoftDistContentRemovedEvent", informational, distribution},
        {"CCM_Framework_Error", error, "Client Framework"},
        {"CCM_Framework_Warning", warning, "Client Framework"},
        {"CCM_Framework_Info", informational, "Client Framework"},
        {"CCM_Framework_ClientIdUpdated", informational, "Client Framework"},
        {"CCM_ServiceHost_CertificateOperationsFailure", error, "Service Host"},
        {"CCM_ServiceHost_LowMemoryMode_Enter", warning, "Service Host"},
        {"CCM_ServiceHost_LowMemoryMode_Recover", informational, "Service Host"},
        {"CCM_LocationServices_SiteSigning_AuthFailure_Expired", error, "Location Services"},
        {"CCM_LocationServices_SiteSigning_AuthFailure_Revoked", error, "Location Services"},
        {"CCM_LocationServices_SiteSigning_AuthFailure_Trust", error, "Location Services"},
        {"CCM_LocationServices_ManagementPointCertificate_CrossVerificationFailure", error,
         "Location Services"},
        {"CCM_LocationServices_ProxyChanged", informational, "Location Services"},
        {"CCM_DataTransferService_BITS_SecureFailure", error, "Data Transfer Service"},
        {"SMS_UnknownStatusMessage", informational, ""},
    };
    test::Bench bench;
    bench.enroll(test::lab_pc);
    for (auto const& row : rows) REQUIRE(bench.deliver(reported(event(row.type, {}))));
    auto const stored = bench.status_messages();
    REQUIRE(stored.size() == rows.size());
    CHECK(endpoints::status::event_classes().size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CAPTURE(rows[i].type);
        CHECK(stored[i].severity == rows[i].severity);
        CHECK(stored[i].component == rows[i].component);
        CHECK(stored[i].message_number == 0);
        CHECK(stored[i].module == "SMS Client");
        CHECK(stored[i].type == db::StatusType::milestone);
        CHECK(stored[i].happened == test::bench_time);
    }
}

TEST_CASE("severity and number, from whatever tells them") {
    struct Row {
        std::string name;
        std::string type;
        Values properties;
        Values qualifiers;
        StatusSeverity severity;
        std::int64_t number;
        std::string warning;
    };
    auto const informational = StatusSeverity::informational;
    auto const warning = StatusSeverity::warning;
    auto const error = StatusSeverity::error;
    auto const row = GENERATE_COPY(
        Row{"a class that nobody knows", "Acme_Pump", {}, {}, informational, 0, ""},
        Row{"one that ends like an error", "Acme_Pump_Error", {}, {}, error, 0, ""},
        Row{"one that ends like a warning", "acme_pump_WARNING", {}, {}, warning, 0, ""},
        Row{"one that ends like information", "Acme_Pump_Info", {}, {}, informational, 0, ""},
        Row{"the client says 0", "CCM_Framework_Error", {{"Severity", "0"}}, {}, informational, 0, ""},
        Row{"the client says 1", "Acme", {{"Severity", "1"}}, {}, warning, 0, ""},
        Row{"the client says 2", "Acme", {{"severity", " 2 "}}, {}, error, 0, ""},
        Row{"the client says it in numbers of records",
            "Acme",
            {{"Severity", "2147483648"}},
            {},
            warning,
            0,
            ""},
        Row{"the client says 3", "Acme_Error", {{"Severity", "3"}}, {}, error, 0, "Severity is 3"},
        Row{"the client says it in words",
            "Acme",
            {{"Severity", "high"}},
            {},
            informational,
            0,
            "Severity is \"high\""},
        Row{"a number of its own",
            "SMS_UnknownStatusMessage",
            {{"MessageID", "39999"}},
            {},
            informational,
            39999,
            ""},
        Row{"a number beyond records",
            "Acme",
            {{"MessageID", "65536"}},
            {},
            informational,
            0,
            "MessageID is 65536"},
        Row{"a qualifier",
            "SMS_GenericStatusMessage_Info",
            {},
            {{"SMS_MessageID", "1073781821"}},
            informational,
            39997,
            ""},
        Row{"a qualifier of an error", "Acme", {}, {{"SMS_MessageID", "3221265471"}}, error, 39999, ""},
        Row{"a qualifier that is no number", "Acme", {}, {{"SMS_MessageID", "many"}}, informational, 0, ""});
    CAPTURE(row.name);
    test::Bench bench;
    bench.enroll(test::lab_pc);
    auto const reply = bench.deliver(reported(event(row.type, row.properties, row.qualifiers)));
    REQUIRE(reply);
    auto const stored = bench.status_messages().at(0);
    CHECK(stored.severity == row.severity);
    CHECK(stored.message_number == row.number);
    CHECK(noted(*reply, endpoints::Note::Kind::warning, row.warning) == !row.warning.empty());
}

TEST_CASE("insertion strings, attributes and the description of a message") {
    using Strings = std::vector<std::string>;
    using Attributes = std::vector<std::pair<std::int64_t, std::string>>;
    struct Row {
        std::string name;
        std::string text;
        Strings strings;
        Attributes attributes;
        std::string description;
    };
    auto const row = GENERATE_COPY(
        Row{"program started",
            status("2007_style"),
            {"ABC20017", "", "", "ABC00031", "Install Widget"},
            {{401, "ABC20017"},
             {408, std::string(test::lab_pc)},
             {400, "ABC00031"},
             {403, "NT AUTHORITY\\SYSTEM"}},
            "Program Install Widget of package ABC00031 began (advertisement ABC20017): setup-widget.exe "
            "/quiet"},
        Row{"fillers hold their positions",
            event("SoftDistProgramErrorEvent", {{"ProgramName", "P"}, {"DummyString8", "eight"}}),
            {"", "", "", "", "P", "", "", "eight"},
            {},
            "Program P of package  failed (advertisement )"},
        Row{"content removed",
            event("SoftDistContentRemovedEvent",
                  {{"PackageId", "LAB00001"}, {"PackageName", "LAB00001"}, {"PackageVersion", "3"}}),
            {"", "3", "", "LAB00001"},
            {{400, "LAB00001"}, {410, "3"}},
            "Package LAB00001, version 3, was removed from the cache"},
        Row{"new id",
            event("CCM_Framework_ClientIdUpdated",
                  {{"PreviousClientId", "GUID:1"}, {"NewClientId", "GUID:2"}}),
            {"GUID:2", "GUID:1"},
            {},
            "The client is GUID:2 from now on, and was GUID:1"},
        Row{"ad hoc",
            status("ad_hoc_class"),
            {"probe could not open its store"},
            {{408, std::string(test::lab_pc)}, {400, "ABC00031"}},
            "probe could not open its store"},
        Row{"ten strings",
            event("SMS_UnknownStatusMessage", {{"InsertionString10", "ten"}, {"insertionstring2", "two"}}),
            {"", "two", "", "", "", "", "", "", "", "ten"},
            {},
            "two, ten"},
        Row{"attributes by number",
            event("Acme", {{"Attribute419", "S"}, {"Attribute70000", "x"}, {"AttributeX", "y"}}),
            {},
            {{419, "S"}},
            "Acme Attribute419=S Attribute70000=x AttributeX=y"},
        Row{"a class that nobody knows", event("Acme", {{"Pressure", "9"}}), {}, {}, "Acme Pressure=9"});
    CAPTURE(row.name);
    auto const stored = stored_of(row.text);
    CHECK(stored.strings == row.strings);
    CHECK(stored.attributes == row.attributes);
    CHECK(stored.description == row.description);
}

TEST_CASE("a message tells its time, processes and error") {
    auto const stored = stored_of(status("ad_hoc_class"));
    constexpr TimePoint day = std::chrono::sys_days{std::chrono::January / 31 / 2024};
    CHECK(stored.happened == day + std::chrono::hours(9) + std::chrono::minutes(15));
    CHECK(stored.process_id == 812);
    CHECK(stored.thread_id == 900);
    CHECK(stored.win32_error == 5);
    CHECK(stored.component == "Inventory Probe");
    CHECK(stored.module == "SMS Client");
    CHECK(stored.site == "ABC");
    CHECK(stored.top_site == "ABC");
    CHECK(stored.severity == StatusSeverity::error);
}

TEST_CASE("reports find status messages in the views that they know") {
    test::Bench bench;
    bench.enroll(test::lab_pc);
    REQUIRE(bench.deliver(reported(status("ad_hoc_class"))));
    CHECK(ask(bench, "SELECT ModuleName, Severity, MessageID, MessageType, SiteCode, MachineName, Component,"
                     " ProcessID, ThreadID, Time, EventClass FROM v_StatusMessage") ==
          "SMS Client|3221225472|39999|256|ABC|LAB-PC-0042|Inventory Probe|812|900|2024-01-31T09:15:00.000Z|"
          "SMS_UnknownStatusMessage\n");
    CHECK(ask(bench,
              "SELECT InsStrIndex, InsStrValue FROM v_StatMsgInsStrings s"
              " JOIN v_StatusMessage m ON m.RecordID = s.RecordID") == "0|probe could not open its store\n");
    CHECK(ask(bench, "SELECT AttributeID, AttributeValue FROM v_StatMsgAttributes WHERE AttributeID = 400") ==
          "400|ABC00031\n");
}

TEST_CASE("status messages are kept for as many days as their type is") {
    using namespace std::chrono_literals;
    test::Bench bench;
    bench.enroll(test::lab_pc);
    bench.settings().status.milestone_days = 2;
    for (int i = 0; i < 4; ++i) {
        REQUIRE(bench.deliver(reported(event("Acme", {{"Number", std::to_string(i)}}))));
        bench.clock().advance(24h + 1s);
    }
    auto const kept = bench.status_messages();
    REQUIRE(kept.size() == 2);
    CHECK(kept[0].properties.front().second == "2");
}
