// SPDX-License-Identifier: Apache-2.0
#include "base/hex.hpp"
#include "db/quarantine.hpp"
#include "tests/unit/db/support.hpp"

#include <rapidcheck.h>

#include <ranges>
#include <utility>

namespace pointman::db::test {

namespace {

auto const start = at("2026-04-01T12:00:00.000Z");

QuarantineEntry entry(TimePoint time, std::size_t size) {
    QuarantineEntry made;
    made.time = time;
    made.endpoint = "StatusReceiver";
    made.client = "GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3";
    made.reason = "SchemaViolation";
    made.raw = Bytes(size, std::byte{'x'});
    return made;
}

struct QuarantineStore {
    QuarantineStore()
        : store(open_store(options_for(directory.path() / "pointman.db"))) {}

    std::int64_t add(QuarantineEntry const& made, QuarantineCaps const& caps = {}) {
        return required(store->write_and_wait(
            [&](Transaction& transaction) { return Quarantine::add(transaction, made, caps); }));
    }
    /// One after the other, a millisecond apart, in one transaction.
    std::vector<std::int64_t> add_all(std::vector<std::size_t> const& sizes, QuarantineCaps const& caps) {
        return required(
            store->write_and_wait([&](Transaction& transaction) -> Result<std::vector<std::int64_t>> {
                std::vector<std::int64_t> added;
                for (auto const size : sizes) {
                    auto const time = start + milliseconds(added.size());
                    auto const id = Quarantine::add(transaction, entry(time, size), caps);
                    if (!id) return std::unexpected(id.error());
                    added.push_back(*id);
                }
                return added;
            }));
    }
    std::vector<QuarantineEntry> list(QuarantineFilter const& filter = {}) {
        return required(store->read([&](Session& session) { return Quarantine(session).list(filter); }));
    }
    std::vector<std::int64_t> ids(QuarantineFilter const& filter = {}) {
        std::vector<std::int64_t> found;
        for (auto const& each : list(filter)) found.push_back(each.id);
        return found;
    }
    Result<QuarantineEntry> get(std::int64_t id) {
        return store->read([&](Session& session) { return Quarantine(session).get(id); });
    }
    std::uint64_t purge(QuarantineFilter const& filter = {}) {
        return required(store->write_and_wait(
            [&](Transaction& transaction) { return Quarantine::purge(transaction, filter); }));
    }
    /// The running total and what it stands for.
    std::pair<std::int64_t, std::int64_t> totals() {
        return required(store->read([](Session& session) -> Result<std::pair<std::int64_t, std::int64_t>> {
            auto& connection = session.connection();
            return std::pair(
                connection.number("SELECT bytes FROM quarantine_total").value(),
                connection.number("SELECT coalesce(sum(length(raw)), 0) FROM quarantine").value());
        }));
    }

    TemporaryDirectory directory;
    std::unique_ptr<Store> store;
};

} // namespace

TEST_CASE("a refused message is kept whole", "[db][quarantine]") {
    QuarantineStore fixture;
    QuarantineEntry made;
    made.time = start;
    made.request_id = "r-17";
    made.endpoint = "mp:Nowhere";
    made.client = "guid:5b0c7a52-3f61-4e0a-9d11-27a8c4e0f1b3";
    made.peer = "192.0.2.7";
    made.path = "/ccm_system/request";
    made.content_type = "multipart/mixed; boundary=\"aAbBcCdDv1234567890VxXyYzZ\"";
    made.reason = "SchemaViolation";
    made.detail = "no such element";
    made.line = 12;
    made.column = 34;
    made.raw = to_bytes(std::string_view("--a\0\xFF\r\n", 7));
    auto const id = fixture.add(made);
    auto const read = required(fixture.get(id));
    CHECK(read.id == id);
    CHECK(read.time == made.time);
    CHECK(read.request_id == made.request_id);
    CHECK(read.endpoint == made.endpoint);
    CHECK(read.client == made.client);
    CHECK(read.peer == made.peer);
    CHECK(read.path == made.path);
    CHECK(read.content_type == made.content_type);
    CHECK(read.reason == made.reason);
    CHECK(read.detail == made.detail);
    CHECK(read.line == 12);
    CHECK(read.column == 34);
    CHECK(read.size == 7);
    CHECK(read.sha256 == sha256_hex(made.raw));
    CHECK(read.attempts == 1);
    CHECK_FALSE(read.closed);
    CHECK(read.raw == made.raw);
    auto const listed = fixture.list();
    REQUIRE(listed.size() == 1);
    CHECK(listed.front().raw.empty());
    CHECK(listed.front().size == 7);
    CHECK(fixture.get(id + 1).error().code == Code::not_found);
}

TEST_CASE("the list is newest first and follows the filter", "[db][quarantine]") {
    QuarantineStore fixture;
    auto const add = [&](std::string endpoint, std::string client, std::string reason, int hours) {
        auto made = entry(start + std::chrono::hours(hours), 1);
        made.endpoint = std::move(endpoint);
        made.client = std::move(client);
        made.reason = std::move(reason);
        return fixture.add(made);
    };
    add("StatusReceiver", "GUID:A", "BadSignature", 0); // 1
    add("DdrReceiver", "guid:a", "Malformed", 2);       // 2
    add("statusreceiver", "", "SchemaViolation", 1);    // 3
    struct Case {
        QuarantineFilter filter;
        std::vector<std::int64_t> expected;
    };
    auto const hour = std::chrono::hours(1);
    auto const rows = std::vector<Case>{
        {{}, {2, 3, 1}},
        {{.endpoint = "STATUSRECEIVER", .client = "", .reason = "", .older_than = {}}, {3, 1}},
        {{.endpoint = "", .client = "GUID:A", .reason = "", .older_than = {}}, {2, 1}},
        {{.endpoint = "", .client = "", .reason = "Malformed", .older_than = {}}, {2}},
        {{.endpoint = "", .client = "", .reason = "", .older_than = start + hour}, {1}},
        {{.endpoint = "", .client = "", .reason = "", .older_than = start}, {}},
        {{.endpoint = "StatusReceiver",
          .client = "GUID:A",
          .reason = "BadSignature",
          .older_than = start + hour},
         {1}},
        {{.endpoint = "StatusReceiver", .client = "GUID:A", .reason = "Malformed", .older_than = {}}, {}},
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        INFO(i);
        CHECK(fixture.ids(rows[i].filter) == rows[i].expected);
    }
    // The same filter purges.
    CHECK(fixture.purge(rows[1].filter) == 2);
    CHECK(fixture.ids() == std::vector<std::int64_t>{2});
    CHECK(fixture.purge() == 1);
    CHECK(fixture.purge() == 0);
    CHECK(fixture.totals() == std::pair<std::int64_t, std::int64_t>(0, 0));
    CHECK(add("A", "", "Malformed", 3) == 4); // numbers are not given again
}

TEST_CASE("replays count attempts, with the newest reason, and close", "[db][quarantine]") {
    QuarantineStore fixture;
    auto const id = fixture.add(entry(start, 10));
    Error const newest{Code::bad_signature, "wrong key", "internal", 3, 4};
    CHECK(fixture.store->write_and_wait(
        [&](Transaction& transaction) { return Quarantine::refused_again(transaction, id, newest); }));
    auto const again = required(fixture.get(id));
    CHECK(again.attempts == 2);
    CHECK(again.reason == "BadSignature");
    CHECK(again.detail == "wrong key");
    CHECK(again.line == 3);
    CHECK(again.column == 4);
    CHECK_FALSE(again.closed);
    CHECK(fixture.store->write_and_wait(
        [&](Transaction& transaction) { return Quarantine::close(transaction, id); }));
    CHECK(required(fixture.get(id)).closed);
    CHECK(fixture.list().front().closed);
    CHECK(fixture.store
              ->write_and_wait([&](Transaction& transaction) {
                  return Quarantine::refused_again(transaction, 99, newest);
              })
              .error()
              .code == Code::not_found);
    CHECK(fixture.store
              ->write_and_wait([&](Transaction& transaction) { return Quarantine::close(transaction, 99); })
              .error()
              .code == Code::not_found);
}

TEST_CASE("the oldest go when the bytes are over the cap, never the new one", "[db][quarantine]") {
    QuarantineStore fixture;
    QuarantineCaps caps;
    caps.max_bytes = 100;
    auto const second = std::chrono::seconds(1);
    fixture.add(entry(start + 2 * second, 40), caps); // 1
    fixture.add(entry(start + 1 * second, 40), caps); // 2, older than 1
    CHECK(fixture.ids() == std::vector<std::int64_t>{1, 2});
    fixture.add(entry(start + 3 * second, 20), caps); // 3: exactly full
    CHECK(fixture.ids() == std::vector<std::int64_t>{3, 1, 2});
    fixture.add(entry(start + 4 * second, 1), caps); // 4
    CHECK(fixture.ids() == std::vector<std::int64_t>{4, 3, 1});
    fixture.add(entry(start, 50), caps); // 5, itself the oldest
    CHECK(fixture.ids() == std::vector<std::int64_t>{4, 3, 5});
    fixture.add(entry(start + 5 * second, 500), caps); // 6: alone over the cap
    CHECK(fixture.ids() == std::vector<std::int64_t>{6});
    fixture.add(entry(start + 6 * second, 100), caps); // 7
    CHECK(fixture.ids() == std::vector<std::int64_t>{7});
    CHECK(fixture.totals() == std::pair<std::int64_t, std::int64_t>(100, 100));
}

TEST_CASE("what is too old goes with the next entry", "[db][quarantine]") {
    QuarantineStore fixture;
    QuarantineCaps caps;
    caps.max_age = std::chrono::days(2);
    auto const day = std::chrono::days(1);
    fixture.add(entry(start, 1), caps);           // 1
    fixture.add(entry(start + day, 1), caps);     // 2
    fixture.add(entry(start + 2 * day, 1), caps); // 3: 1 is just as old as allowed
    CHECK(fixture.ids() == std::vector<std::int64_t>{3, 2, 1});
    fixture.add(entry(start + 2 * day + milliseconds(1), 1), caps); // 4
    CHECK(fixture.ids() == std::vector<std::int64_t>{4, 3, 2});
    fixture.add(entry(start + 30 * day, 1), caps); // 5
    CHECK(fixture.ids() == std::vector<std::int64_t>{5});
    CHECK(fixture.totals() == std::pair<std::int64_t, std::int64_t>(1, 1));
}

TEST_CASE("the quarantine keeps to its cap whatever comes", "[db][quarantine][model]") {
    QuarantineStore fixture;
    CHECK(rc::check("the newest that fit are kept", [&] {
        fixture.purge();
        QuarantineCaps caps;
        caps.max_bytes = *rc::gen::inRange<std::uint64_t>(0, 2000);
        auto const sizes =
            *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 600));
        auto const added = fixture.add_all(sizes, caps);
        std::vector<std::int64_t> expected;
        std::size_t total = 0;
        // From the newest back, until one would be too many.
        for (auto const i : std::views::iota(std::size_t{0}, sizes.size()) | std::views::reverse) {
            if (!expected.empty() && total + sizes[i] > caps.max_bytes) break;
            total += sizes[i];
            expected.push_back(added[i]);
        }
        RC_ASSERT(std::cmp_equal(fixture.totals().first, total));
        RC_ASSERT(fixture.totals().first == fixture.totals().second);
        RC_ASSERT(fixture.ids() == expected);
    }));
}

} // namespace pointman::db::test
