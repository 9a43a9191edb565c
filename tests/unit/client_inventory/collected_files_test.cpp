// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"
#include "client/inventory/collected_files.hpp"
#include "endpoints/file_collection/files.hpp"
#include "endpoints/report/report_header.hpp"
#include "tests/unit/client_inventory/support.hpp"

#include <limits>
#include <sys/stat.h>

using namespace pointman;
using namespace pointman::test;
using client::CollectedFile;
using client::file_collection_report;
using client::FileChange;
using inventory::collect_file;

namespace {

CollectedFile file(std::string_view name, std::string_view text, FileChange change = FileChange::added) {
    return {.change = change,
            .name = std::string(name),
            .path = R"(C:\Data\)",
            .modified = parse_iso_time("2026-03-22T16:30:05Z").value(),
            .content = to_bytes(text)};
}

constexpr auto schema = "file_collection_report.xsd";

/// The files as the site reads them.
endpoints::inventory::SentFiles read_by_site(std::string const& report,
                                             std::vector<CollectedFile> const& files) {
    REQUIRE(faults(schema, report).empty());
    auto const document = schemas::parse(as_bytes(report)).value();
    std::vector<db::StoredAttachment> attachments;
    for (std::size_t i = 0; i < files.size(); ++i)
        if (files[i].change != FileChange::deleted)
            attachments.push_back({std::to_string(i + 1), files[i].content});
    endpoints::inventory::FileLimits const limits{1'000'000, 1'000'000};
    return endpoints::inventory::read_sent_files(endpoints::report_body(document).value(),
                                                 std::move(attachments), limits)
        .value();
}

} // namespace

TEST_CASE("a full file collection as the page shows it") {
    std::vector const files{file("a&b.ini", "[x]"), file("empty", "")};
    auto const report = file_collection_report(sender(), {}, {.type = "Resync", .version = "3.0"}, files);
    auto const body = report.substr(report.find("<ReportDetails>"));
    CHECK(body ==
          "<ReportDetails><ReportContent>FILECOLL</ReportContent><ReportType>Resync</ReportType>"
          "<Date>19700101000000.000000+000</Date><Version>3.0</Version><Format>1.1</Format></ReportDetails>"
          "<FileCollectionAction><FileCollectionActionID>{00000000-0000-0000-0000-000000000010}"
          "</FileCollectionActionID><Description>File Collection</Description></FileCollectionAction>"
          R"(</ReportHeader><ReportBody><CollectedFile Content="New" ID="1">)"
          "<LastWriteDate>20260322163005.000000+000</LastWriteDate><Name>a&amp;b.ini</Name>"
          R"(<Path>C:\Data\</Path><Size>3</Size></CollectedFile><CollectedFile Content="New" ID="2">)"
          "<LastWriteDate>20260322163005.000000+000</LastWriteDate><Name>empty</Name>"
          R"(<Path>C:\Data\</Path><Size>0</Size></CollectedFile><CollectedFileSum>2</CollectedFileSum>)"
          "</ReportBody></Report>");
    auto const read = read_by_site(report, files);
    CHECK(read.unusable.empty());
    CHECK(read.remarks.empty());
    REQUIRE(read.usable.size() == 2);
    CHECK(as_chars(read.usable.at(0).bytes) == "[x]");
}

TEST_CASE("a delta of collected files") {
    std::vector const files{file("gone", "", FileChange::deleted), file("changed", "22", FileChange::updated),
                            file("new", "1")};
    auto const report = file_collection_report(sender(), {}, {.type = "Delta", .version = "1.1"}, files);
    auto const read = read_by_site(report, files);
    CHECK(read.unusable.empty());
    REQUIRE(read.usable.size() == 3);
    using endpoints::inventory::Content;
    CHECK(read.usable.at(0).content == Content::deleted);
    CHECK(read.usable.at(1).content == Content::updated);
    CHECK(as_chars(read.usable.at(1).bytes) == "22");
    CHECK(read.usable.at(2).content == Content::added);
    CHECK(as_chars(read.usable.at(2).bytes) == "1");
}

TEST_CASE("files are collected within a limit") {
    Tree const tree;
    tree.write("data/a.ini", "[x]");
    auto const path = tree.path() / "data/a.ini";
    auto const collected = collect_file(path, 3).value();
    CHECK(collected.name == "a.ini");
    CHECK(collected.path == (tree.path() / "data/").string());
    CHECK(as_chars(collected.content) == "[x]");
    CHECK(collected.modified > parse_iso_time("2020-01-01").value());

    auto const refused = [](std::filesystem::path const& file, std::size_t most) {
        auto const result = collect_file(file, most);
        REQUIRE_FALSE(result);
        return result.error();
    };
    CHECK(refused(path, 2).code == Code::exceed_size_limit);
    CHECK(refused(path, 2).message == path.string() + " has 3 bytes, and at most 2 are collected");
    CHECK(refused(tree.path() / "none", 9).code == Code::not_found);
    CHECK(refused(tree.path() / "none", 9).message == "there is no file " + (tree.path() / "none").string());
    CHECK(refused(tree.path() / "data", std::numeric_limits<std::size_t>::max()).code == Code::io);
    REQUIRE(::mkfifo((tree.path() / "pipe").c_str(), 0600) == 0);
    CHECK(refused(tree.path() / "pipe", 9).message ==
          (tree.path() / "pipe").string() + " is no regular file: only those are collected");
}
