// SPDX-License-Identifier: Apache-2.0
// The table of hardware-inventory.md, "Version sequencing".
#include "endpoints/inventory/sequence.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using namespace pointman::endpoints::inventory;

namespace {

constexpr auto noon = "20100315120000.000000+000";
constexpr auto earlier = "20100315115959.999999+000";
constexpr auto noon_elsewhere = "20100315130000.000000+060"; // the same moment

/// "load 4.10", "repeat", "DeltaMismatch", "DeltaMismatch, resync".
std::string in_words(Verdict const& verdict) {
    if (auto const* load = std::get_if<Load>(&verdict))
        return "load " + std::to_string(load->version.major) + "." + std::to_string(load->version.minor) +
               (load->remark.empty() ? "" : ", remark");
    if (auto const* reject = std::get_if<Reject>(&verdict))
        return std::string(name_of(reject->error.code)) + (reject->asks_for_resync ? ", resync" : "");
    return "repeat";
}

} // namespace

TEST_CASE("what follows 4.9 of noon") {
    struct Row {
        bool full;
        std::string version;
        std::string date;
        std::string sha256;
        std::string becomes;
    };
    auto const row = GENERATE(values<Row>({
        {true, "5.0", noon, "new", "load 5.0"},
        {true, "1.0", noon, "new", "load 1.0"},
        {true, "4.9", noon, "new", "load 4.9"},
        {true, "5.0", earlier, "new", "load 5.0, remark"},
        {true, "", noon, "new", "load 1.0, remark"},
        {true, "five", noon, "new", "load 1.0, remark"},
        {true, "4.9", noon, "last", "repeat"},
        {false, "4.10", noon, "new", "load 4.10"},
        {false, " 4.10 ", noon, "new", "load 4.10"},
        {false, "4.10", noon_elsewhere, "new", "load 4.10"},
        {false, "4.10", "", "new", "load 4.10"},
        {false, "4.10", "yesterday", "new", "load 4.10"},
        {false, "4.10", earlier, "new", "Outdated, resync"},
        {false, "4.11", noon, "new", "DeltaMismatch, resync"},
        {false, "4.4294967295", noon, "new", "DeltaMismatch, resync"},
        {false, "4.9", noon, "new", "Outdated, resync"},
        {false, "4.9", noon, "last", "repeat"},
        {false, "4.0", noon, "new", "Outdated, resync"},
        {false, "3.10", noon, "new", "MajorMismatch, resync"},
        {false, "5.1", noon, "new", "MajorMismatch, resync"},
        {false, "", noon, "new", "DeltaMismatch, resync"},
        {false, "4", noon, "new", "DeltaMismatch, resync"},
        {false, "4.-1", noon, "new", "DeltaMismatch, resync"},
        {false, "4.10.1", noon, "new", "DeltaMismatch, resync"},
        {false, "4.99999999999999999999", noon, "new", "DeltaMismatch, resync"},
    }));
    CAPTURE(row.full, row.version, row.date, row.sha256);
    db::ReportBaseline const stored{4, 9, noon, "last", {}};
    CHECK(in_words(judge({row.full, row.version, row.date, row.sha256}, stored, false)) == row.becomes);
}

TEST_CASE("without a full report before, and while one is waited for") {
    struct Row {
        bool has_baseline;
        bool pending;
        bool full;
        std::string sha256;
        std::string becomes;
    };
    auto const row = GENERATE(values<Row>({
        {false, false, true, "new", "load 4.10"},
        {false, false, false, "new", "NoBaseline, resync"},
        {false, true, true, "new", "load 4.10"},
        {false, true, false, "new", "ResyncPending"},
        {true, true, true, "new", "load 4.10"},
        {true, true, false, "new", "ResyncPending"},
        {true, true, false, "last", "repeat"},
        {true, true, true, "last", "repeat"},
    }));
    CAPTURE(row.has_baseline, row.pending, row.full, row.sha256);
    std::optional<db::ReportBaseline> stored;
    if (row.has_baseline) stored = {4, 9, noon, "last", {}};
    CHECK(in_words(judge({row.full, "4.10", noon, row.sha256}, stored, row.pending)) == row.becomes);
}

TEST_CASE("which reports are full") {
    for (auto const* type : {"Full", "full", "FULL", "Resync", "resync", " Full "}) {
        CAPTURE(type);
        CHECK(is_full_report(type));
    }
    for (auto const* type : {"Delta", "delta", "", "Fullest", "None"}) {
        CAPTURE(type);
        CHECK_FALSE(is_full_report(type));
    }
}
