// SPDX-License-Identifier: Apache-2.0
#include "db/processed_messages.hpp"
#include "db/reports.hpp"
#include "db/status_messages.hpp"
#include "tests/unit/db/support.hpp"

namespace pointman::db::test {

namespace {

auto const received = at("2026-03-04T05:06:07.089Z");

StoredReport report(std::string endpoint, std::string client) {
    StoredReport made;
    made.endpoint = std::move(endpoint);
    made.client = std::move(client);
    made.message_id = "{0A1B}";
    made.file_type = "SMX";
    made.received = received;
    made.content = "Inventory Data";
    made.type = "Full";
    made.date = "20260304050607.000000+000";
    made.version = "1.0";
    made.format = "1.1";
    made.action_id = "{00000000-0000-0000-0000-000000000001}";
    made.netbios_name = "PRESS042";
    made.client_version = "4.00.6487.2000";
    made.entries = 12;
    made.document = to_bytes(std::string_view("<Report/>\0\xFF", 11));
    made.attachments = {{"b", to_bytes("second by name")}, {"a", {}}, {"a", to_bytes("same name")}};
    return made;
}

void check_equal(StoredReport const& a, StoredReport const& b) {
    CHECK(a.endpoint == b.endpoint);
    CHECK(a.client == b.client);
    CHECK(a.message_id == b.message_id);
    CHECK(a.file_type == b.file_type);
    CHECK(a.received == b.received);
    CHECK(a.content == b.content);
    CHECK(a.type == b.type);
    CHECK(a.date == b.date);
    CHECK(a.version == b.version);
    CHECK(a.format == b.format);
    CHECK(a.action_id == b.action_id);
    CHECK(a.netbios_name == b.netbios_name);
    CHECK(a.client_version == b.client_version);
    CHECK(a.entries == b.entries);
    CHECK(a.document == b.document);
    REQUIRE(a.attachments.size() == b.attachments.size());
    for (std::size_t i = 0; i < a.attachments.size(); ++i) {
        CHECK(a.attachments[i].name == b.attachments[i].name);
        CHECK(a.attachments[i].bytes == b.attachments[i].bytes);
    }
}

} // namespace

TEST_CASE("a report comes back whole", "[db][reports]") {
    TemporaryDirectory const directory;
    auto const store = open_store(options_for(directory.path() / "pointman.db"));
    auto const made = report("HinvReceiver", "GUID:1");
    auto const id = required(
        store->write_and_wait([&](Transaction& transaction) { return Reports::add(transaction, made); }));
    auto const read = required(store->read([&](Session& session) { return Reports(session).get(id); }));
    CHECK(read.report_id == id);
    check_equal(read, made);
    auto const none = store->read([&](Session& session) { return Reports(session).get(id + 1); });
    CHECK(none.error().code == Code::not_found);
}

TEST_CASE("reports are listed by endpoint and client, headers only", "[db][reports]") {
    TemporaryDirectory const directory;
    auto const store = open_store(options_for(directory.path() / "pointman.db"));
    for (auto const& [endpoint, client] : std::vector<std::pair<std::string, std::string>>{
             {"Hinv", "B"}, {"Sinv", "A"}, {"Hinv", "A"}, {"Hinv", "B"}}) {
        required(store->write_and_wait(
            [&](Transaction& transaction) { return Reports::add(transaction, report(endpoint, client)); }));
    }
    struct Case {
        std::string endpoint;
        std::string client;
        std::vector<std::int64_t> expected;
    };
    for (auto const& row : std::vector<Case>{{"", "", {1, 2, 3, 4}},
                                             {"Hinv", "", {1, 3, 4}},
                                             {"", "A", {2, 3}},
                                             {"Hinv", "B", {1, 4}},
                                             {"X", "", {}}}) {
        INFO(row.endpoint << " " << row.client);
        auto const found = required(
            store->read([&](Session& session) { return Reports(session).list(row.endpoint, row.client); }));
        std::vector<std::int64_t> ids;
        for (auto const& each : found) {
            ids.push_back(each.report_id);
            CHECK(each.document.empty());
            CHECK(each.attachments.empty());
            CHECK(each.action_id == "{00000000-0000-0000-0000-000000000001}");
        }
        CHECK(ids == row.expected);
    }
}

TEST_CASE("status messages come back with properties and qualifiers, newest last", "[db][status]") {
    TemporaryDirectory const directory;
    auto const store = open_store(options_for(directory.path() / "pointman.db"));
    StatusMessage made;
    made.client = "GUID:1";
    made.machine = "PRESS042";
    made.site = "LAB";
    made.event_class = "SoftDistProgramStarted_Info";
    made.time = "20260304050607.000000+000";
    made.received = received;
    made.message_id = "{0A1B}";
    made.code_page = "1252";
    made.locale_id = "1033";
    made.properties = {{"ProgramID", "P1"}, {"AdvertisementId", "LAB20001"}, {"ProgramID", "P2"}};
    made.qualifiers = {{"Severity", "Informational"}};
    made.severity = StatusSeverity::warning;
    made.type = StatusType::audit;
    made.message_number = 39998;
    made.module = "SMS Provider";
    made.component = "Probe";
    made.top_site = "CEN";
    made.process_id = 4;
    made.thread_id = 5;
    made.win32_error = 4294967295;
    made.happened = received + std::chrono::hours(1);
    made.description = "The probe failed";
    made.strings = {"", "two"};
    made.attributes = {{400, "LAB00001"}, {408, "GUID:1"}};
    StatusMessage other;
    other.machine = "KIOSK07";
    other.received = received;
    std::vector<std::int64_t> ids;
    for (auto const* const message : {&made, &other}) {
        ids.push_back(required(store->write_and_wait(
            [&](Transaction& transaction) { return StatusMessages::add(transaction, *message); })));
    }
    auto const all = required(store->read([](Session& session) { return StatusMessages(session).list({}); }));
    REQUIRE(all.size() == 2);
    CHECK(all[0].record_id == ids[0]);
    CHECK(all[1].record_id == ids[1]);
    CHECK(all[1].machine == "KIOSK07");
    auto const own = required(
        store->read([](Session& session) { return StatusMessages(session).list({.client = "GUID:1"}); }));
    REQUIRE(own.size() == 1);
    auto const& read = own.front();
    CHECK(read.client == made.client);
    CHECK(read.machine == made.machine);
    CHECK(read.site == made.site);
    CHECK(read.event_class == made.event_class);
    CHECK(read.time == made.time);
    CHECK(read.received == made.received);
    CHECK(read.message_id == made.message_id);
    CHECK(read.code_page == made.code_page);
    CHECK(read.locale_id == made.locale_id);
    CHECK(read.severity == made.severity);
    CHECK(read.type == made.type);
    CHECK(read.message_number == made.message_number);
    CHECK(read.module == made.module);
    CHECK(read.component == made.component);
    CHECK(read.top_site == made.top_site);
    CHECK(read.process_id == made.process_id);
    CHECK(read.thread_id == made.thread_id);
    CHECK(read.win32_error == made.win32_error);
    CHECK(read.happened == made.happened);
    CHECK(read.description == made.description);
    CHECK(read.strings == made.strings);
    CHECK(read.attributes == made.attributes);
    CHECK(read.properties == made.properties);
    CHECK(read.qualifiers == made.qualifiers);
}

TEST_CASE("a processed message is known by client, id and payload together", "[db][processed]") {
    TemporaryDirectory const directory;
    auto const store = open_store(options_for(directory.path() / "pointman.db"));
    auto const early = at("2026-03-04T00:00:00Z");
    auto const late = at("2026-03-05T00:00:00Z");
    auto const contains = [&](ProcessedMessage const& message) {
        return required(store->read([&](Session& session) {
            return session.connection().exists("SELECT 1 FROM processed_message WHERE client = ?"
                                               " AND message_id = ? AND payload_sha256 = ?",
                                               message.client, message.message_id, message.payload_sha256);
        }));
    };
    auto const add = [&](ProcessedMessage const& message) {
        return required(store->write_and_wait(
            [&](Transaction& transaction) { return ProcessedMessages::add(transaction, message); }));
    };
    auto const forget = [&](TimePoint limit) {
        return required(store->write_and_wait(
            [&](Transaction& transaction) { return ProcessedMessages::forget_before(transaction, limit); }));
    };
    CHECK(add({"A", "{1}", "AA", late}));
    CHECK(add({"A", "{2}", "AA", early}));
    CHECK(contains({"A", "{1}", "AA", late}));
    CHECK_FALSE(contains({"B", "{1}", "AA", early}));
    CHECK_FALSE(contains({"A", "{3}", "AA", early}));
    CHECK_FALSE(contains({"A", "{1}", "BB", early}));
    CHECK_FALSE(add({"A", "{1}", "AA", early}));
    CHECK(forget(early) == 0);
    CHECK(forget(late) == 1);
    CHECK(contains({"A", "{1}", "AA", late}));
    CHECK_FALSE(contains({"A", "{2}", "AA", early}));
    required(store->write_and_wait([&](Transaction& transaction) {
        return ProcessedMessages::remove(transaction, {"A", "{1}", "AA", early});
    }));
    CHECK(add({"A", "{1}", "AA", late}));
}

} // namespace pointman::db::test
