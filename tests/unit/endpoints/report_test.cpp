// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"
#include "endpoints/report/received_report.hpp"
#include "tests/unit/endpoints/bench.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using test::Draft;
using test::encoded;
using test::Layout;
using test::noted;
using test::refusal_of;
using test::replaced;

namespace {

Draft draft(std::string endpoint, std::string body, std::vector<Draft::Attachment> attachments = {}) {
    return {std::move(endpoint), std::string(test::workstation), std::move(body), std::move(attachments)};
}

std::string discovery(std::string const& name) {
    return test::sample("ddr/valid/discovery_report." + name + ".xml");
}
std::string hardware(std::string const& name) {
    return test::sample("hardware_inventory/valid/hardware_inventory_report." + name + ".xml");
}
std::string software(std::string const& name) {
    return test::sample("software_inventory/valid/software_inventory_report." + name + ".xml");
}
std::string files(std::string const& name) {
    return test::sample("file_collection/valid/file_collection_report." + name + ".xml");
}

} // namespace

TEST_CASE("reports of both generations are stored with their header in columns") {
    struct Row {
        std::string name;
        std::string endpoint;
        std::string body;
        std::string content, type, date, version, format, action;
        std::uint64_t entries;
    };
    auto const action = [](std::string const& digits) {
        return "{00000000-0000-0000-0000-00000000" + digits + "}";
    };
    auto const row =
        GENERATE_COPY(Row{"discovery, 2007", "MP_DdrEndpoint", discovery("2007_style"), "Inventory Data",
                          "Full", "20100315081522.734000+060", "1.0", "1.0", action("0003"), 3},
                      Row{"discovery, minimal", "MP_DdrEndpoint", discovery("only_mandatory_fields"),
                          "Inventory Data", "", "", "", "", action("0003"), 3},
                      Row{"hardware, 2007 full", "MP_HinvEndpoint", hardware("2007_full"), "Inventory Data",
                          "Full", "20100315083007.104000+060", "1.0", "1.1", action("0001"), 20},
                      Row{"software, 2007 full", "MP_SinvEndpoint", software("2007_full"), "Inventory Data",
                          "Full", "20100316020014.221000+060", "1.0", "1.1", action("0002"), 4},
                      Row{"nothing collected", "MP_SinvCollFileEndpoint",
                          replaced(files("nothing_collected"), ">Delta<", ">Full<"), "FILECOLL", "Full",
                          "20100323020214.903000+060", "1.1", "1.0", action("0010"), 0});
    CAPTURE(row.name);
    test::Bench bench;
    bench.enroll(test::workstation);
    auto const reply = bench.deliver(draft(row.endpoint, row.body));
    REQUIRE(refusal_of(reply) == "");
    CHECK(reply->xml == "");
    CHECK(noted(*reply, endpoints::Note::Kind::info, "Task completed successfully"));

    auto const reports = bench.reports();
    REQUIRE(reports.size() == 1);
    auto const& stored = reports.front();
    CHECK(stored.endpoint == row.endpoint);
    CHECK(stored.client == test::workstation);
    CHECK(stored.message_id == "{159B74B3-6977-42DA-8EA5-C9A0DD3C51D0}");
    CHECK(stored.received == test::bench_time);
    CHECK(stored.content == row.content);
    CHECK(stored.type == row.type);
    CHECK(stored.date == row.date);
    CHECK(stored.version == row.version);
    CHECK(stored.format == row.format);
    CHECK(stored.action_id == row.action);
    CHECK(stored.netbios_name == "WS-0417");
    CHECK(stored.entries == row.entries);
    CHECK(stored.file_type == "");
    CHECK(stored.attachments.empty());
    CHECK(stored.document.empty()); // what it says is taken apart
}

TEST_CASE("what a message carries beside its report is stored") {
    auto const report = discovery("2007_style");
    auto const body_at = report.find("<ReportBody>");
    auto const header = report.substr(0, body_at) + "<ReportBody/></Report>\n";
    auto const fragment = report.substr(body_at, report.find("</Report>") - body_at);

    struct Stored {
        std::string name;
        Bytes bytes;
    };
    struct Row {
        std::string name;
        std::string body;
        std::vector<Draft::Attachment> sent;
        std::vector<Stored> attachments;
    };
    auto const row = GENERATE_COPY(
        Row{"header-only body and report", header, {{"ddr", encoded(report, Layout::utf16_with_mark)}}, {}},
        Row{"report and something else",
            header,
            {{"other", to_bytes("text")}, {"report", encoded(report)}},
            {{"other", to_bytes("text")}}},
        Row{"a body that is no report", "hello", {{"report", encoded(report)}}, {{"", encoded("hello")}}},
        Row{"a fragment keeps the header beside it",
            "<!-- a -->" + header,
            {{"x", encoded(fragment)}},
            {{"", encoded("<!-- a -->" + header.substr(0, header.size() - 1))}}});
    CAPTURE(row.name);
    test::Bench bench;
    bench.enroll(test::workstation);
    REQUIRE(refusal_of(bench.deliver(draft("MP_DdrEndpoint", row.body, row.sent))) == "");
    auto const reports = bench.reports();
    REQUIRE(reports.size() == 1);
    CHECK(reports.front().netbios_name == "WS-0417");
    CHECK(reports.front().client == test::workstation);
    REQUIRE(reports.front().attachments.size() == row.attachments.size());
    for (std::size_t i = 0; i < row.attachments.size(); ++i) {
        CHECK(reports.front().attachments[i].name == row.attachments[i].name);
        CHECK(reports.front().attachments[i].bytes == row.attachments[i].bytes);
    }
}

TEST_CASE("reports that are not in order are refused and leave nothing behind") {
    struct Row {
        std::string name;
        Draft draft;
        std::string refusal;
    };
    auto const from = [](Draft draft, std::string source) {
        draft.source_id = std::move(source);
        return draft;
    };
    auto const ddr = discovery("2007_style");
    std::string const own(test::workstation);
    auto const row = GENERATE_COPY(
        Row{"spelt otherwise",
            draft("MP_DdrEndpoint", replaced(ddr, own, "{7c1d9a52-3e0b-4f61-9b8e-52d4a0e7c913}")), ""},
        Row{"action without braces",
            draft("MP_DdrEndpoint", replaced(ddr, "{00000000-0000-0000-0000-000000000003}",
                                             "00000000-0000-0000-0000-000000000003")),
            ""},
        Row{"another client", draft("MP_DdrEndpoint", replaced(ddr, own, std::string(test::lab_pc))),
            "WrongClient"},
        Row{"a client that is no id", draft("MP_DdrEndpoint", replaced(ddr, own, "WS-0417")), "WrongClient"},
        Row{"no client", draft("MP_DdrEndpoint", replaced(ddr, own, "")), "SchemaViolation"},
        Row{"no name", draft("MP_DdrEndpoint", replaced(ddr, "<NetBIOSName>WS-0417", "<NetBIOSName>")),
            "SchemaViolation"},
        Row{"unregistered client",
            from(draft("MP_DdrEndpoint", replaced(ddr, own, std::string(test::lab_pc))),
                 std::string(test::lab_pc)),
            "InvalidMachine"},
        Row{"no sender, unregistered client",
            from(draft("MP_DdrEndpoint", replaced(ddr, own, std::string(test::lab_pc))), ""),
            "InvalidMachine"},
        Row{"no sender, no id", from(draft("MP_DdrEndpoint", replaced(ddr, own, "WS-0417")), ""),
            "InvalidMachine"},
        Row{"discovery to hardware", draft("MP_HinvEndpoint", ddr), "WrongAction"},
        Row{"hardware to software",
            draft("MP_SinvEndpoint", replaced(software("no_files"), "0002}", "0001}")), "WrongAction"},
        Row{"hardware to discovery", draft("MP_DdrEndpoint", hardware("2007_style")), "WrongAction"},
        Row{"IDMIF to file collection",
            draft("MP_SinvCollFileEndpoint", replaced(files("nothing_collected"), "0010}", "0011}")),
            "WrongAction"},
        Row{"another content",
            draft("MP_SinvCollFileEndpoint",
                  replaced(files("nothing_collected"), "FILECOLL", "Inventory Data")),
            "SchemaViolation"},
        Row{"no action",
            draft("MP_DdrEndpoint", test::sample("ddr/invalid/discovery_report.no_inventory_action.xml")),
            "SchemaViolation"});
    CAPTURE(row.name);
    test::Bench bench;
    bench.enroll(test::workstation);
    auto const reply = bench.deliver(row.draft);
    CHECK(refusal_of(reply) == row.refusal);
    CHECK(bench.reports().size() == (row.refusal.empty() ? 1 : 0));
}

TEST_CASE("a wrong client is told together with the sender") {
    test::Bench bench;
    bench.enroll(test::workstation);
    auto const reply = bench.deliver(draft(
        "MP_DdrEndpoint", replaced(discovery("2007_style"), test::workstation, std::string(test::lab_pc))));
    REQUIRE(refusal_of(reply) == "WrongClient");
    CHECK_THAT(reply.error().message,
               Catch::Contains(std::string(test::workstation)) && Catch::Contains(std::string(test::lab_pc)));
}

TEST_CASE("the header is read into typed data") {
    auto const text = replaced(discovery("later_fields_in_machine"), "<Unknown>0", "<Unknown>1");
    auto const document = schemas::parse(as_bytes(text));
    REQUIRE(document);
    auto const header = endpoints::read_report_header(document->root());
    REQUIRE(header);
    CHECK(header->client_installed == "1");
    CHECK(header->client_type == "1");
    CHECK(header->client_id == test::workstation);
    CHECK(header->client_version == "4.00.6487.2000");
    CHECK(header->code_page == "437");
    CHECK(header->lcid == "1033");
    CHECK(header->priority == "5");
    CHECK(header->unknown_computer);
    REQUIRE(header->actions.size() == 1);
    CHECK(header->actions.front().description == "Discovery");
    CHECK(header->actions.front().last_update == "20100301120000.000000+000");
}
