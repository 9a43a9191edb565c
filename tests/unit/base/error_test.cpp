// SPDX-License-Identifier: Apache-2.0
#include "base/error.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace pointman;

TEST_CASE("the refusals have the names of the quarantine's reasons", "[base]") {
    // The rule "quarantine reasons": these names, and no others.
    constexpr std::array<std::string_view, 21> reasons{
        "Malformed",      "SchemaViolation", "UnknownEndpoint", "BadSignature",     "UnknownClient",
        "NotApproved",    "Blocked",         "WrongClient",     "WrongAction",      "InvalidMachine",
        "NoBaseline",     "ResyncPending",   "Outdated",        "DeltaMismatch",    "MajorMismatch",
        "NonExistentRow", "GroupFailure",    "ExceedSizeLimit", "UnusableInstance", "BadMif",
        "LimitExceeded"};
    std::vector<std::string_view> named;
    std::set<std::string_view> all;
    for (int value = 0; value <= static_cast<int>(Code::unavailable); ++value) {
        auto const code = static_cast<Code>(value);
        if (is_refusal(code)) named.push_back(name_of(code));
        CHECK(all.insert(name_of(code)).second);
    }
    CHECK(std::ranges::equal(named, reasons));
}

TEST_CASE("each code has its own name", "[base]") {
    CHECK(name_of(Code::unknown_client) == "UnknownClient");
    CHECK(name_of(Code::bad_mif) == "BadMif");
    CHECK(name_of(Code::limit_exceeded) == "LimitExceeded");
    CHECK(name_of(Code::not_found) == "NotFound");
    CHECK(name_of(Code::ambiguous) == "Ambiguous");
    CHECK(name_of(Code::usage) == "Usage");
    CHECK(name_of(Code::busy) == "Busy");
    CHECK(name_of(Code::storage_full) == "StorageFull");
    CHECK(name_of(Code::storage) == "Storage");
    CHECK(name_of(Code::io) == "Io");
    CHECK(name_of(Code::unavailable) == "Unavailable");
}

TEST_CASE("an error in a log has its place and detail where there are any", "[base]") {
    CHECK(describe({Code::io, "no file", {}}) == "Io: no file");
    CHECK(describe({Code::io, "no file", "ENOENT"}) == "Io: no file [ENOENT]");
    CHECK(
        describe({.code = Code::schema_violation, .message = "bad", .detail = "", .line = 3, .column = 9}) ==
        "SchemaViolation: bad (line 3, column 9)");
    Result<int> const failed = fail(Code::busy, "later", "queue");
    REQUIRE_FALSE(failed.has_value());
    CHECK(describe(failed.error()) == "Busy: later [queue]");
}
