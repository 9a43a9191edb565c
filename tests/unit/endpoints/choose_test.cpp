// SPDX-License-Identifier: Apache-2.0
#include "endpoints/report/choose.hpp"
#include "endpoints/report/report_header.hpp"
#include "server/wire/utf16.hpp"
#include "tests/unit/endpoints/bench.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using test::Draft;
using test::encoded;
using test::Layout;
using test::refusal_of;
using test::replaced;

namespace {

std::string report(std::string_view client, std::string_view body) {
    return "<Report><ReportHeader><Identification><Machine><ClientID>" + std::string(client) +
           "</ClientID><NetBIOSName>WS-0417</NetBIOSName></Machine></"
           "Identification><ReportDetails><ReportContent>Inventory "
           "Data</ReportContent></ReportDetails><InventoryAction "
           "ActionType=\"Predefined\"><InventoryActionID>"
           "{00000000-0000-0000-0000-000000000003}</InventoryActionID></InventoryAction></ReportHeader>" +
           std::string(body) + "</Report>";
}

std::string instance(std::string_view name) {
    return "<Instance Class=\"" + std::string(name) + "\"><" + std::string(name) + "/></Instance>";
}

std::string header_only(std::string_view client = test::workstation) {
    return report(client, "<ReportBody />");
}

std::string filled(std::string_view name, std::string_view client = test::workstation) {
    return report(client, "<ReportBody>" + instance(name) + "</ReportBody>");
}

/// Name of the first instance's class, "(empty)" for a header-only report, the refusal where nothing will do.
std::string chosen_from(wire::Message const& message) {
    test::Bench const bench;
    auto const* ddr = bench.directory().find("MP_DdrEndpoint");
    auto const chosen = endpoints::choose_report(*ddr, message);
    if (!chosen) return refusal_of(chosen);
    REQUIRE(chosen->document.root().name() == "Report");
    if (!endpoints::has_report_content(chosen->document)) return "(empty)";
    return std::string(endpoints::report_body(chosen->document)->first_child()->attribute_or("Class", ""));
}

Draft ddr(std::string body, std::vector<Draft::Attachment> attachments = {}) {
    return {"MP_DdrEndpoint", std::string(test::workstation), std::move(body), std::move(attachments)};
}

Bytes const binary{std::byte{0x4D}, std::byte{0x5A}, std::byte{0x00}, std::byte{0x3C}, std::byte{0xFF}};

} // namespace

TEST_CASE("the filled report of a message is chosen wherever it stands") {
    // wire.md 3.2, ddr.md "Server rule".
    struct Row {
        std::string name;
        Draft draft;
        std::string chosen;
    };
    auto const broken = replaced(filled("A"), "</Report>", "");
    auto const no_class = replaced(filled("A"), R"(Class="A")", "");
    auto const row = GENERATE_COPY(
        Row{"body alone", ddr(filled("A")), "A"},
        Row{"header-only body alone", ddr(header_only()), "(empty)"},
        Row{"in the attachment, with mark",
            ddr(header_only(), {{"x", encoded(filled("A"), Layout::utf16_with_mark)}}), "A"},
        Row{"in the attachment, without mark", ddr(header_only(), {{"x", encoded(filled("A"))}}), "A"},
        Row{"in the attachment, UTF-8", ddr(header_only(), {{"x", encoded(filled("A"), Layout::utf8)}}), "A"},
        Row{"in the attachment, after a line break",
            ddr(header_only(), {{"x", encoded("\r\n " + filled("A"))}}), "A"},
        Row{"in the attachment of an empty body", ddr("", {{"x", encoded(filled("A"))}}), "A"},
        Row{"the first of two filled ones", ddr(filled("A"), {{"x", encoded(filled("B"))}}), "A"},
        Row{"only the ReportBody attached",
            ddr(header_only(),
                {{"x", encoded("<?xml version=\"1.0\"?><ReportBody>" + instance("A") + "</ReportBody>")}}),
            "A"},
        Row{"two copies of the header", ddr(header_only(), {{"x", encoded(header_only())}}), "(empty)"},
        Row{"beside bytes that are no XML", ddr(header_only(), {{"1", binary}, {"2", encoded(filled("A"))}}),
            "A"},
        Row{"header-only beside bytes that are no XML", ddr(header_only(), {{"1", binary}}), "(empty)"},
        Row{"filled beside XML of another kind", ddr(filled("A"), {{"1", encoded("<configuration/>")}}), "A"},
        Row{"filled beside broken XML", ddr(filled("A"), {{"1", encoded("<configuration>")}}), "A"});
    CAPTURE(row.name);
    CHECK(chosen_from(test::message_of(row.draft)) == row.chosen);

    // What was at fault is told, and a header-only copy does not stand in for it.
    auto const refused = GENERATE_COPY(
        Row{"broken attachment", ddr(header_only(), {{"x", encoded(broken)}}), "Malformed"},
        Row{"invalid attachment", ddr(header_only(), {{"x", encoded(no_class)}}), "SchemaViolation"},
        Row{"invalid body", ddr(no_class, {{"x", encoded(header_only())}}), "SchemaViolation"},
        Row{"document type", ddr("<!DOCTYPE Report>" + filled("A")), "Malformed"},
        Row{"another root", ddr("<Status/>"), "SchemaViolation"},
        Row{"another root and not well-formed", ddr("<Status>"), "Malformed"},
        Row{"no XML at all", ddr("Report", {{"1", binary}}), "Malformed"},
        Row{"nothing", ddr(""), "Malformed"},
        Row{"ReportBody alone", ddr("<ReportBody>" + instance("A") + "</ReportBody>"), "SchemaViolation"},
        Row{"body names another client", ddr(header_only(test::lab_pc), {{"x", encoded(filled("A"))}}),
            "WrongClient"});
    CAPTURE(refused.name);
    CHECK(chosen_from(test::message_of(refused.draft)) == refused.chosen);
}

TEST_CASE("a client spelt in two ways is one client") {
    auto const body = header_only("{7c1d9a52-3e0b-4f61-9b8e-52d4a0e7c913}");
    CHECK(chosen_from(test::message_of(ddr(body, {{"x", encoded(filled("A"))}}))) == "A");
}

TEST_CASE("ranges with a wrong length do not hide the report") {
    // The SDK's first attachment element: the right length at the wrong place (wire.md 3.2).
    auto message =
        test::message_of(ddr(header_only(), {{"x", encoded(filled("A"), Layout::utf16_with_mark)}}));
    auto header = message.header();
    auto wrong = header.attachments.front();
    wrong.range.offset = 0;
    header.attachments.insert(header.attachments.begin(), wrong);
    auto const payload = message.payload();
    CHECK(chosen_from(wire::Message(header, {payload.begin(), payload.end()})) == "A");

    // A fault in the right range is still the one that is told.
    auto const text = replaced(filled("A"), R"(Class="A")", "");
    auto broken = test::message_of(ddr(header_only(), {{"x", encoded(text)}}));
    auto broken_header = broken.header();
    wrong.range.length = broken_header.attachments.front().range.length;
    broken_header.attachments.insert(broken_header.attachments.begin(), wrong);
    auto const bytes = broken.payload();
    CHECK(chosen_from(wire::Message(broken_header, {bytes.begin(), bytes.end()})) == "SchemaViolation");
}

TEST_CASE("a fault tells line and column of the document") {
    test::Bench const bench;
    auto const text = replaced(filled("A"), "<ReportBody>", "<ReportBody>\n<Nonsense/>");
    auto const message = test::message_of(ddr(text));
    auto const chosen = endpoints::choose_report(*bench.directory().find("MP_DdrEndpoint"), message);
    REQUIRE(refusal_of(chosen) == "SchemaViolation");
    CHECK(chosen.error().line == 2);
    CHECK(chosen.error().column > 0);
}

TEST_CASE("limits on XML hold for the choice") {
    test::Bench const bench;
    schemas::Limits limits;
    limits.max_elements = 5;
    auto const message = test::message_of(ddr(filled("A")));
    auto const chosen = endpoints::choose_report(*bench.directory().find("MP_DdrEndpoint"), message, limits);
    CHECK(refusal_of(chosen) == "LimitExceeded");
}

TEST_CASE("ranges that overlap again and again are refused before they cost anything") {
    auto const body = header_only();
    auto const message = test::message_of(ddr(body, {{"x", encoded(header_only())}}));
    auto header = message.header();
    auto const payload = message.payload();
    auto const declare = [&](std::size_t times, bool same_range) {
        header.attachments.clear();
        for (std::size_t i = 0; i < times; ++i) {
            auto const length = payload.size() - (same_range ? 0 : 2 * i);
            header.attachments.push_back({"name " + std::to_string(i), "ByteRange", {0, length}});
        }
        return wire::Message(header, {payload.begin(), payload.end()});
    };
    CHECK(chosen_from(declare(2, false)) == "(empty)");
    CHECK(chosen_from(declare(50, false)) == "LimitExceeded");

    // One range under many names is looked at once, but would be stored many times.
    auto const many = declare(50, true);
    CHECK(chosen_from(many) == "(empty)");
    test::Bench bench;
    bench.enroll(test::workstation);
    CHECK(refusal_of(bench.deliver(many)) == "LimitExceeded");
    CHECK(bench.reports().empty());
}
