// SPDX-License-Identifier: Apache-2.0
#include "db/metering.hpp"
#include "db/states.hpp"
#include "tests/unit/endpoints/inventory_report.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using test::Draft;
using test::encoded;
using test::noted;
using test::refusal_of;
using test::replaced;

namespace {

std::string report(std::string const& name) {
    return test::sample("relay/valid/" + name + ".xml");
}

/// The inventory samples speak for one client, the others for another: every sample is sent by its own.
Draft relayed(std::string body, std::string file_type, std::vector<Draft::Attachment> attachments = {}) {
    bool const of_lab_pc = body.find(test::lab_pc) != std::string::npos;
    return {"MP_RelayEndpoint", std::string(of_lab_pc ? test::lab_pc : test::workstation), std::move(body),
            std::move(attachments), std::move(file_type)};
}

std::size_t states_in(test::Bench& bench) {
    return bench.store()
        .read([](db::Session& session) { return db::States(session).list({}); })
        .value()
        .size();
}

std::size_t usages_in(test::Bench& bench) {
    return bench.store()
        .read([](db::Session& session) { return db::Metering(session).list({}); })
        .value()
        .size();
}

} // namespace

TEST_CASE("what the relay carries is told by FileType, else by the report") {
    struct Row {
        std::string name;
        Draft draft;
        std::string file_type;
        std::uint64_t entries;
    };
    auto const state = report("state_message_report.2007_style");
    auto const metering = report("software_metering_report.2007_style");
    auto const idmif = report("idmif_report.2007_style");
    std::vector<Draft::Attachment> const mif{
        {"1", to_bytes(test::read_text(test::test_data("mif/valid/component_id.mif")))}};
    auto const row = GENERATE_COPY(
        Row{"state messages", relayed(state, "SMX"), "SMX", 2},
        Row{"lower case", relayed(state, "smx"), "SMX", 2},
        Row{"metering", relayed(metering, "SWM"), "SWM", 1},
        Row{"IDMIF", relayed(idmif, "IDMIF", mif), "IDMIF", 1},
        Row{"MIF", relayed(idmif, "Mif", mif), "IDMIF", 1},
        Row{"a later action of IDMIF", relayed(report("idmif_report.current_branch_action_id"), "IDMIF", mif),
            "IDMIF", 1},
        Row{"no FileType: state messages", relayed(state, ""), "SMX", 2},
        Row{"no FileType: metering", relayed(metering, ""), "SWM", 1},
        Row{"no FileType: IDMIF", relayed(idmif, "", mif), "IDMIF", 1},
        Row{"no FileType: content of the 2007 page",
            relayed(replaced(metering, "Software Metering Data", "Inventory Data"), ""), "SWM", 1});
    CAPTURE(row.name);
    test::Bench bench;
    bench.enroll(test::lab_pc);
    bench.enroll(test::workstation);
    auto const reply = bench.deliver(row.draft);
    REQUIRE(refusal_of(reply) == "");
    CHECK(reply->xml == "");

    // The wording that tools search for (logging.md 6).
    auto const told = [&](std::string const& text) {
        return noted(*reply, endpoints::Note::Kind::info, text);
    };
    CHECK(told("Mp Message Handler: start message processing for Relay"));
    CHECK(told("Mp Message Handler: FileType=" + row.file_type));
    CHECK(told("Relay: FileType= " + row.file_type));
    CHECK(told("Inv-Relay: Task completed successfully"));
    CHECK(bench.reports().empty());
    if (row.file_type == "SMX") CHECK(states_in(bench) == row.entries);
    if (row.file_type == "SWM") CHECK(usages_in(bench) == 2); // of one product
    if (row.file_type == "IDMIF") {
        CHECK(test::current(bench, "ComponentID", row.draft.source_id).size() == row.entries);
        CHECK(told("Relay: Received 1 attachments"));
        CHECK(told("Relay: 1 of 1 attachments successfully processed"));
    }
}

TEST_CASE("a metering report may come as the attachment of an empty body") {
    auto const metering = report("software_metering_report.2007_style");
    auto draft = relayed(metering, "SWM", {{"report", encoded(metering)}});
    draft.body.clear();
    auto const file_type = GENERATE("SWM", "");
    draft.file_type = file_type;
    CAPTURE(file_type);
    test::Bench bench;
    bench.enroll(test::lab_pc);
    bench.enroll(test::workstation);
    REQUIRE(refusal_of(bench.deliver(draft)) == "");
    CHECK(usages_in(bench) == 2);
    CHECK(bench.reports().empty());
}

TEST_CASE("relayed messages that are not in order are refused") {
    auto const state = report("state_message_report.2007_style");
    struct Row {
        std::string name;
        Draft draft;
        std::string refusal;
        std::string told; ///< part of the message
    };
    auto const from = [](Draft draft, std::string source) {
        draft.source_id = std::move(source);
        return draft;
    };
    auto const row = GENERATE_COPY(
        Row{"no SourceID", from(relayed(state, "SMX"), ""), "", ""},
        Row{"unknown FileType", relayed(state, "XYZ"), "SchemaViolation", "XYZ"},
        Row{"FileType of another kind", relayed(state, "SWM"), "SchemaViolation", ""},
        Row{"nothing tells the kind",
            relayed(replaced(report("state_message_report.header_only"), "State Message Data", "Whatever"),
                    ""),
            "SchemaViolation", "FileType"},
        Row{"another root", relayed("<Status/>", "SMX"), "SchemaViolation", "Status"},
        Row{"another client", from(relayed(state, "SMX"), std::string(test::workstation)), "WrongClient", ""},
        Row{"unregistered client",
            from(relayed(replaced(state, test::lab_pc, "GUID:00000000-1111-2222-3333-444444444444"), "SMX"),
                 ""),
            "InvalidMachine", "not registered"},
        Row{"a server role by name", from(relayed(replaced(state, test::lab_pc, "DP01"), "SMX"), ""),
            "InvalidMachine", "DP01"},
        Row{"action of file collection",
            relayed(replaced(report("idmif_report.2007_style"), "0011}", "0010}"), "IDMIF"), "WrongAction",
            ""});
    CAPTURE(row.name);
    test::Bench bench;
    bench.enroll(test::lab_pc);
    bench.enroll(test::workstation);
    auto const reply = bench.deliver(row.draft);
    REQUIRE(refusal_of(reply) == row.refusal);
    if (!reply) CHECK_THAT(reply.error().message, Catch::Contains(row.told));
    CHECK(bench.reports().empty());
    CHECK(states_in(bench) == (row.refusal.empty() ? 2 : 0));
}
