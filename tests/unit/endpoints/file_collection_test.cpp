// SPDX-License-Identifier: Apache-2.0
// Collected files from the report and its attachments to what is kept of them.
#include "base/hex.hpp"
#include "base/text.hpp"
#include "db/clients.hpp"
#include "db/collected_files.hpp"
#include "endpoints/file_collection/files.hpp"
#include "tests/unit/endpoints/inventory_report.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>

using namespace pointman;
using namespace pointman::test;
using namespace std::chrono_literals;
using endpoints::Note;

namespace {

using Names = std::vector<std::string>;

/// A file as a report has it; what is not given is left out.
struct File {
    std::string content = "New";
    std::optional<std::string> id{};
    std::string name{};
    std::string path = "C:\\Data\\";
    std::optional<std::string> size{};
    std::string modified = "20100322163005.000000+000";
};

std::string xml(File const& file) {
    auto const id = file.id ? fmt::format(" ID=\"{}\"", *file.id) : std::string();
    auto const size = file.size ? fmt::format("<Size>{}</Size>", *file.size) : std::string();
    return fmt::format("<CollectedFile Content=\"{}\"{}><LastWriteDate>{}</LastWriteDate><Name>{}</Name>"
                       "<Path>{}</Path>{}</CollectedFile>",
                       file.content, id, file.modified, escape_xml(file.name), escape_xml(file.path), size);
}

std::string report(std::string_view type, std::string_view version, std::string const& inside) {
    return file_report("0010", "FILECOLL", type, version, inside);
}

struct Attached {
    std::string name;
    std::string bytes;
};

struct Desk : Bench {
    Desk() { enroll(workstation); }

    Result<endpoints::Reply> send(std::string text, std::vector<Attached> const& attachments = {}) {
        Draft draft{"MP_SinvCollFileEndpoint", std::string(workstation), std::move(text)};
        for (auto const& [name, bytes] : attachments) draft.attachments.push_back({name, to_bytes(bytes)});
        return deliver(draft);
    }
    endpoints::Reply take(std::string text, std::vector<Attached> const& attachments = {}) {
        auto reply = send(std::move(text), attachments);
        if (!reply) throw std::runtime_error(describe(reply.error()));
        return std::move(*reply);
    }
    /// The reason of the refusal; "" = taken.
    std::string refused(std::string text, std::vector<Attached> const& attachments = {}) {
        auto const reply = take(std::move(text), attachments);
        return reply.refusal ? std::string(name_of(reply.refusal->code)) : "";
    }
    std::vector<db::CollectedFile> files() {
        return store()
            .read([](db::Session& session) {
                return db::CollectedFiles(session).list(ClientId::parse(workstation).value());
            })
            .value();
    }
    /// "C:\Data\a.txt 1 hello", by name and revision.
    Names kept() {
        Names all;
        for (auto const& file : files()) {
            auto const bytes = file.sha256.empty() ? "(no bytes)" : text_of(file.sha256);
            all.push_back(fmt::format("{}{} {} {}", file.of.path, file.of.name, file.revision, bytes));
        }
        return all;
    }
    std::string text_of(std::string const& sha256) {
        auto const bytes = contents().read(sha256);
        return bytes ? std::string(as_chars(*bytes)) : describe(bytes.error());
    }
    db::ContentFiles contents() { return db::ContentFiles(settings().storage.files); }
    /// Names of all that lies below the directory of files.
    Names on_disk() {
        Names all;
        if (!std::filesystem::exists(settings().storage.files)) return all;
        for (auto const& entry : std::filesystem::recursive_directory_iterator(settings().storage.files)) {
            if (entry.is_regular_file()) all.push_back(entry.path().filename().string());
        }
        std::ranges::sort(all);
        return all;
    }
    std::size_t sweep() { return db::sweep_unused_content(store(), contents()).value(); }
};

std::string sha256_of(std::string_view text) {
    return sha256_hex(as_bytes(text));
}

/// One file a.txt with these bytes.
std::string with_a(std::string_view type, std::string_view version, std::string_view content = "New") {
    return report(type, version, xml({.content = std::string(content), .id = "1", .name = "a.txt"}));
}

} // namespace

TEST_CASE("the files of the documented report and their bytes") {
    auto const text = replaced(sample("file_collection/valid/file_collection_report.2007_delta.xml"),
                               "<ReportType>Delta", "<ReportType>Full");
    Desk desk;
    auto const reply = desk.take(text, {{"1", "127.0.0.1       localhost\r\n"}, {"2", std::string(54, 'x')}});
    REQUIRE_FALSE(reply.refusal);
    CHECK(noted(reply, Note::Kind::info, "2 revisions added, 0 files removed, 0 as they were"));
    for (auto const& note : reply.notes) CHECK(note.kind == Note::Kind::info);
    CHECK(desk.kept() == Names{"C:\\ProgramData\\Tidewater\\harbour.ini 1 " + std::string(54, 'x'),
                               "C:\\Windows\\System32\\drivers\\etc\\hosts 1 127.0.0.1       localhost\r\n"});
    auto const hosts = desk.files().back();
    CHECK(hosts.size == 27);
    CHECK(hosts.modified == "20100322163005.000000+000");
    CHECK(hosts.collected == bench_time);
    CHECK(hosts.remark.empty());

    auto const path = desk.contents().path_of(hosts.sha256);
    CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::mask) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    CHECK(std::filesystem::status(path.parent_path()).permissions() == std::filesystem::perms::owner_all);
    CHECK(ask(desk, "SELECT FileName, FilePath, FileSize, RevisionID, CollectionDate, FileModifiedDate"
                    " FROM v_GS_CollectedFile WHERE FileName = 'hosts'") ==
          "hosts|C:\\Windows\\System32\\drivers\\etc\\|27|1|2026-11-23T00:00:00.000Z|"
          "20100322163005.000000+000\n");
    CHECK(ask(desk, "SELECT LastCollectedFileScanDate FROM v_GS_LastSoftwareScan") ==
          "20100323020214.903000+060\n");
    // Report and attachments are not kept besides.
    auto const reports = desk.reports();
    REQUIRE(reports.size() == 1);
    CHECK(reports.front().entries == 2);
    CHECK(reports.front().document.empty());
    CHECK(reports.front().attachments.empty());
}

TEST_CASE("the bytes of a file are found however their attachment is called") {
    struct Row {
        std::string name;
        std::optional<std::string> id;
        std::vector<Attached> attachments;
        bool found;
    };
    auto const row = GENERATE(
        Row{"by number", "7", {{"7", "hello"}}, true}, Row{"number 0", "0", {{"0", "hello"}}, true},
        Row{"in braces", "7", {{"{7}", "hello"}}, true}, Row{"with zeros", "7", {{"007", "hello"}}, true},
        Row{"with spaces", " 7 ", {{"7", "hello"}}, true},
        Row{"sent twice: the last", "7", {{"7", "no"}, {"7", "hello"}}, true},
        Row{"like the file", "7", {{"A.TXT", "hello"}}, true},
        Row{"like the file, without ID", std::nullopt, {{"a.txt", "hello"}}, true},
        Row{"like the file, with an empty ID", "", {{"a.txt", "hello"}}, true},
        Row{"two like the file", "7", {{"a.txt", "hello"}, {"A.txt", "hello"}}, false},
        Row{"another number", "7", {{"8", "hello"}}, false}, Row{"none", "7", {}, false});
    CAPTURE(row.name);
    Desk desk;
    auto const reply =
        desk.take(report("Full", "1.0", xml({.id = row.id, .name = "a.txt", .size = "5"})), row.attachments);
    CHECK_FALSE(reply.refusal);
    CHECK(desk.kept() == (row.found ? Names{"C:\\Data\\a.txt 1 hello"} : Names{}));
    CHECK(reply.unusable_part.has_value() == !row.found);
    if (!row.found)
        CHECK_THAT(reply.unusable_part->message, Catch::Contains("the bytes of a.txt did not come"));
}

TEST_CASE("a file that is empty needs no attachment") {
    Desk desk;
    REQUIRE_FALSE(desk.take(report("Full", "1.0", xml({.name = "empty", .size = "0"}))).unusable_part);
    CHECK(desk.kept() == Names{"C:\\Data\\empty 1 "});
}

TEST_CASE("collected files that cannot be used are left out, or their report is refused") {
    struct Row {
        std::string name;
        std::string file;
        std::string why;
    };
    auto const row = GENERATE(
        Row{"no name", xml({.id = "2", .name = " "}), "a file without a name"},
        Row{"no path", xml({.id = "2", .name = "b", .path = ""}), "b without a path"},
        Row{"nothing", R"(<CollectedFile Content="New" ID="2"/>)", "a file without a name"},
        Row{"ID in words", xml({.id = "two", .name = "b"}), "ID of b is \"two\": no number"},
        Row{"ID below nothing", xml({.id = "-2", .name = "b"}), "ID of b is \"-2\": no number"},
        Row{"ID beyond numbers", xml({.id = "99999999999999999999", .name = "b"}), "no number"},
        Row{"ID of another file", xml({.id = "1", .name = "b"}), "ID 1 of b is that of another file too"},
        Row{"nobody knows what became of it", xml({.content = "Moved", .id = "2", .name = "b"}),
            "Content of b is \"Moved\""},
        Row{"its bytes did not come", xml({.id = "3", .name = "b"}), "the bytes of b did not come"});
    auto const type = GENERATE(as<std::string>{}, "Full", "Delta");
    CAPTURE(row.name, type);
    bool const is_delta = type == "Delta";
    auto const next = report(type, is_delta ? "1.1" : "2.0", xml({.id = "1", .name = "c"}) + row.file);
    std::vector<Attached> const attachments{{"1", "one"}, {"2", "two"}};

    Desk lenient;
    REQUIRE(lenient.refused(with_a("Full", "1.0"), {{"1", "hello"}}) == "");
    auto const reply = lenient.take(next, attachments);
    CHECK_FALSE(reply.refusal);
    REQUIRE(reply.unusable_part);
    CHECK(reply.unusable_part->code == Code::unusable_instance);
    CHECK_THAT(reply.unusable_part->message, Catch::Contains(row.why));
    CHECK(reply.unusable_part->line == 1);
    CHECK(lenient.kept().back() == "C:\\Data\\c 1 one");
    CHECK(resyncs(lenient) == (is_delta ? Names{"UnusableInstance"} : Names{}));

    Desk strict;
    strict.settings().file_collection.mode = config::ReportMode::strict;
    REQUIRE(strict.refused(with_a("Full", "1.0"), {{"1", "hello"}}) == "");
    CHECK(strict.refused(next, attachments) == "UnusableInstance");
    CHECK(strict.kept() == Names{"C:\\Data\\a.txt 1 hello"});
    CHECK(resyncs(strict) == (is_delta ? Names{"UnusableInstance"} : Names{}));
}

TEST_CASE("what became of a file, in a delta") {
    struct Row {
        std::string name;
        std::string files;
        Names kept;
        std::string told;
    };
    auto const a = std::string("C:\\Data\\a.txt 1 hello");
    auto const row = GENERATE_COPY(
        Row{"nothing", "", {a}, "0 revisions added, 0 files removed"},
        Row{"updated",
            xml({.content = "Updated", .id = "1", .name = "a.txt"}),
            {a, "C:\\Data\\a.txt 2 one"},
            "1 revisions added"},
        Row{"new, and already there",
            xml({.content = "new", .id = "1", .name = "A.TXT", .path = "c:\\data"}),
            {a, "c:\\data\\A.TXT 2 one"},
            "1 revisions added"},
        Row{"updated, and not there",
            xml({.content = "UPDATED", .id = "1", .name = "b"}),
            {a, "C:\\Data\\b 1 one"},
            "1 revisions added"},
        Row{"in another folder",
            xml({.id = "1", .name = "a.txt", .path = "D:\\"}),
            {a, "D:\\a.txt 1 one"},
            "1 revisions added"},
        Row{"deleted", xml({.content = "Deleted", .name = "A.txt"}), {}, "1 files removed"},
        Row{"deleted, and not there", xml({.content = "deleted", .name = "b"}), {a}, "0 files removed"},
        Row{"deleted and there again",
            xml({.content = "Deleted", .name = "a.txt"}) + xml({.id = "1", .name = "a.txt"}),
            {"C:\\Data\\a.txt 1 one"},
            "1 revisions added, 1 files removed"});
    CAPTURE(row.name);
    Desk desk;
    REQUIRE(desk.refused(with_a("Full", "1.0"), {{"1", "hello"}}) == "");
    std::vector<Attached> attachments;
    if (row.files.find("ID=\"1\"") != std::string::npos) attachments.push_back({"1", "one"});
    auto const reply = desk.take(report("Delta", "1.1", row.files), attachments);
    CHECK_FALSE(reply.refusal);
    CHECK(desk.kept() == row.kept);
    CHECK(noted(reply, Note::Kind::info, row.told));
    if (row.name == "deleted, and not there")
        CHECK(noted(reply, Note::Kind::warning, "1 files are deleted that were not there"));
}

TEST_CASE("a full report removes what it does not name, and repeats nothing") {
    Desk desk;
    auto const two = xml({.id = "1", .name = "a.txt"}) + xml({.id = "2", .name = "b.txt"});
    REQUIRE(desk.refused(report("Full", "1.0", two), {{"1", "hello"}, {"2", "there"}}) == "");
    auto const reply = desk.take(
        report("Resync", "2.0",
               xml({.id = "2", .name = "B.TXT", .modified = "20110101000000.000000+000"}) +
                   xml({.id = "3", .name = "c.txt"}) + xml({.content = "Deleted", .name = "d.txt"})),
        {{"2", "there"}, {"3", "new"}});
    CHECK(noted(reply, Note::Kind::info, "1 revisions added, 1 files removed, 1 as they were"));
    CHECK(desk.kept() == Names{"C:\\Data\\b.txt 1 there", "C:\\Data\\c.txt 1 new"});
    CHECK(desk.files().front().modified == "20110101000000.000000+000");
    CHECK(desk.files().front().collected == bench_time);

    // A file whose bytes did not come is there all the same: what was kept of it stays.
    auto const lost = desk.take(report("Full", "3.0", xml({.id = "9", .name = "b.txt"})));
    CHECK(lost.unusable_part);
    CHECK(desk.kept() == Names{"C:\\Data\\b.txt 1 there"});
}

TEST_CASE("of each file the latest revisions are kept") {
    Desk desk;
    desk.settings().file_collection.revisions = GENERATE(1U, 3U, 5U);
    auto const keep = desk.settings().file_collection.revisions;
    REQUIRE(desk.refused(with_a("Full", "1.0"), {{"1", "text 1"}}) == "");
    for (int i = 2; i <= 7; ++i) {
        REQUIRE(desk.refused(with_a("Delta", fmt::format("1.{}", i - 1), "Updated"),
                             {{"1", fmt::format("text {}", i)}}) == "");
    }
    Names expected;
    for (auto i = 8 - static_cast<int>(keep); i <= 7; ++i)
        expected.push_back(fmt::format("C:\\Data\\a.txt {0} text {0}", i));
    CHECK(desk.kept() == expected);
}

TEST_CASE("of a file beyond a limit is kept what it is, without its bytes") {
    struct Row {
        std::string name;
        std::uint64_t max_file;
        std::uint64_t max_cycle;
        Names kept;
        std::string why;
    };
    auto const row = GENERATE(
        Row{"within both", 5, 8, {"C:\\Data\\a 1 hello", "C:\\Data\\b 1 two"}, ""},
        Row{"one too large", 4, 8, {"C:\\Data\\a 1 (no bytes)", "C:\\Data\\b 1 two"}, "max_file (4)"},
        Row{"too much together", 5, 7, {"C:\\Data\\a 1 hello", "C:\\Data\\b 1 (no bytes)"}, "max_cycle (7)"},
        Row{"the first alone too much",
            5,
            4,
            {"C:\\Data\\a 1 (no bytes)", "C:\\Data\\b 1 two"},
            "max_cycle (4)"},
        Row{"nothing", 0, 0, {"C:\\Data\\a 1 (no bytes)", "C:\\Data\\b 1 (no bytes)"}, "max_file (0)"});
    CAPTURE(row.name);
    Desk desk;
    desk.settings().file_collection.max_file = row.max_file;
    desk.settings().file_collection.max_cycle = row.max_cycle;
    auto const both = xml({.id = "1", .name = "a", .size = "5"}) + xml({.id = "2", .name = "b", .size = "3"});
    auto const reply = desk.take(report("Full", "1.0", both), {{"1", "hello"}, {"2", "two"}});
    CHECK_FALSE(reply.refusal);
    CHECK_FALSE(reply.unusable_part);
    CHECK(desk.kept() == row.kept);
    CHECK(desk.files().front().size == 5);
    CHECK(desk.on_disk().size() ==
          static_cast<std::size_t>(std::ranges::count_if(
              row.kept, [](auto const& text) { return !text.ends_with("(no bytes)"); })));
    for (auto const& file : desk.files()) {
        if (!file.sha256.empty()) continue;
        CHECK_THAT(file.remark, Catch::StartsWith("truncated by policy"));
        CHECK(ask(desk,
                  fmt::format("SELECT LocalFilePath IS NULL FROM v_GS_CollectedFile WHERE FileName = '{}'",
                              file.of.name)) == "1\n");
    }
    if (!row.why.empty()) CHECK(noted(reply, Note::Kind::warning, row.why));
    // The same once more is nothing new, bytes or not.
    desk.take(report("Full", "2.0", both), {{"1", "hello"}, {"2", "two"}});
    CHECK(desk.kept() == row.kept);
}

TEST_CASE("a report of very many small files does not keep the disk busy without end") {
    Desk desk;
    std::string inside;
    std::vector<Attached> attachments;
    auto const most = static_cast<int>(endpoints::inventory::most_kept_files);
    for (int i = 0; i < most + 2; ++i) {
        inside += xml({.id = std::to_string(i), .name = fmt::format("f{:05}", i)});
        attachments.push_back({std::to_string(i), fmt::format("text {}", i)});
    }
    auto const reply = desk.take(report("Full", "1.0", inside), attachments);
    CHECK_FALSE(reply.unusable_part);
    CHECK(noted(reply, Note::Kind::warning, "the report has more than 1000 files"));
    auto const files = desk.files();
    REQUIRE(files.size() == static_cast<std::size_t>(most) + 2);
    CHECK_FALSE(files[static_cast<std::size_t>(most) - 1].sha256.empty());
    CHECK(files.back().sha256.empty());
    CHECK_THAT(files.back().remark, Catch::StartsWith("truncated by policy"));
    CHECK(desk.on_disk().size() == static_cast<std::size_t>(most));
}

TEST_CASE("what is odd and does no harm is told") {
    struct Row {
        std::string name;
        std::string inside;
        std::vector<Attached> attachments;
        std::string told;
    };
    auto const a = [](std::string size) { return xml({.id = "1", .name = "a", .size = std::move(size)}); };
    auto const row = GENERATE_COPY(
        Row{"as it should be", a("5") + "<CollectedFileSum>1</CollectedFileSum>", {{"1", "hello"}}, ""},
        Row{"the sum first", "<CollectedFileSum> 1 </CollectedFileSum>" + a("5"), {{"1", "hello"}}, ""},
        Row{"no sum", a("5"), {{"1", "hello"}}, ""},
        Row{"another sum",
            a("5") + "<CollectedFileSum>2</CollectedFileSum>",
            {{"1", "hello"}},
            "1 files, and CollectedFileSum is \"2\""},
        Row{"a sum that is a checksum",
            a("5") + "<CollectedFileSum>ab12</CollectedFileSum>",
            {{"1", "hello"}},
            "CollectedFileSum is \"ab12\""},
        Row{"another size", a("4"), {{"1", "hello"}}, "a has 5 bytes, and its Size is 4"},
        Row{"an attachment of no file",
            a("5"),
            {{"1", "hello"}, {"2", "two"}},
            "1 attachments are of no file"});
    CAPTURE(row.name);
    Desk desk;
    auto const reply = desk.take(report("Full", "1.0", row.inside), row.attachments);
    CHECK_FALSE(reply.refusal);
    CHECK_FALSE(reply.unusable_part);
    CHECK(desk.kept() == Names{"C:\\Data\\a 1 hello"});
    CHECK(desk.files().front().size == 5);
    CHECK(std::ranges::any_of(reply.notes, [](Note const& note) {
              return note.kind == Note::Kind::warning;
          }) == !row.told.empty());
    if (!row.told.empty()) CHECK(noted(reply, Note::Kind::warning, row.told));
}

TEST_CASE("no name of a client is a path here") {
    Desk desk;
    std::string inside;
    std::vector<Attached> attachments;
    int id = 0;
    for (std::string const name :
         {"..\\..\\evil", "../../evil", "/etc/passwd", "C:\\boot.ini", "..", ".", "a\tb", "con", "x/y"}) {
        inside += xml({.id = std::to_string(++id), .name = name, .path = "../../.."});
        attachments.push_back({std::to_string(id), "hello"});
    }
    REQUIRE(desk.refused(report("Full", "1.0", inside), attachments) == "");
    CHECK(desk.files().size() == 9);
    CHECK(desk.on_disk() == Names{sha256_of("hello")});
    for (auto const& entry :
         std::filesystem::recursive_directory_iterator(desk.settings().storage.files.parent_path()))
        CHECK(entry.path().string().find("evil") == std::string::npos);
}

TEST_CASE("collected files have versions of their own, and are asked for in full by policy") {
    Desk desk;
    CHECK(desk.refused(with_a("Delta", "1.1"), {{"1", "hello"}}) == "NoBaseline");
    CHECK(desk.refused(with_a("Delta", "1.1"), {{"1", "hello"}}) == "ResyncPending");
    REQUIRE(desk.refused(with_a("Full", "2.0"), {{"1", "hello"}}) == "");
    CHECK(resyncs(desk).empty());
    CHECK(noted(desk.take(with_a("Full", "2.0"), {{"1", "hello"}}), Note::Kind::info, "once more"));
    CHECK(desk.refused(with_a("Delta", "2.2", "Updated"), {{"1", "later"}}) == "DeltaMismatch");
    CHECK(desk.kept() == Names{"C:\\Data\\a.txt 1 hello"});
    // What was refused left its bytes behind, and nobody names them.
    CHECK(desk.on_disk().size() == 2);
}

TEST_CASE("a directory that cannot be written to is no reason to lose a report") {
    Desk desk;
    std::ofstream(desk.settings().storage.files) << "a file in place of the directory";
    auto const reply = desk.send(with_a("Full", "1.0"), {{"1", "hello"}});
    REQUIRE_FALSE(reply);
    CHECK_FALSE(is_refusal(reply.error().code)); // the client is to try again
    std::filesystem::remove(desk.settings().storage.files);
    CHECK(desk.refused(with_a("Full", "1.0"), {{"1", "hello"}}) == "");
    CHECK(desk.kept() == Names{"C:\\Data\\a.txt 1 hello"});
}

TEST_CASE("files that nobody names any more are swept, the second time that they are seen") {
    Desk desk;
    desk.enroll(lab_pc, "LAB-PC");
    desk.settings().file_collection.revisions = 1;
    REQUIRE(desk.refused(with_a("Full", "1.0"), {{"1", "old"}}) == "");
    REQUIRE(desk.refused(with_a("Delta", "1.1", "Updated"), {{"1", "now"}}) == "");
    REQUIRE(desk.contents().put(sha256_of("stray"), as_bytes("stray")));
    std::ofstream(desk.settings().storage.files / "README") << "not ours";
    CHECK(desk.on_disk().size() == 4);
    CHECK(desk.sweep() == 0);
    CHECK(desk.on_disk().size() == 4);

    // One of them is named again in between.
    REQUIRE(desk.refused(with_a("Delta", "1.2", "Updated"), {{"1", "old"}}) == "");
    CHECK(desk.sweep() == 1); // stray
    CHECK_FALSE(desk.contents().has(sha256_of("stray")));
    CHECK(desk.kept() == Names{"C:\\Data\\a.txt 3 old"});
    CHECK(desk.sweep() == 1); // now
    CHECK(desk.sweep() == 0);
    CHECK(desk.on_disk() == Names{sha256_of("old"), "README"});

    auto const removed = desk.store().write_and_wait([](db::Transaction& transaction) {
        return db::Clients::remove(transaction, ClientId::parse(workstation).value());
    });
    REQUIRE(removed);
    CHECK(desk.sweep() == 0);
    CHECK(desk.sweep() == 1);
    CHECK(desk.on_disk() == Names{"README"});
}

TEST_CASE("a file that is swept between its writing and its transaction is written again") {
    Desk desk;
    auto const text = with_a("Full", "1.0");
    auto const message = message_of(
        {"MP_SinvCollFileEndpoint", std::string(workstation), text, {{"1", to_bytes("hello")}}, ""});
    REQUIRE(desk.deliver(message, {}, [&desk] {
        CHECK(desk.on_disk() == Names{sha256_of("hello")});
        desk.sweep();
        CHECK(desk.sweep() == 1);
        CHECK(desk.on_disk().empty());
    }));
    CHECK(desk.kept() == Names{"C:\\Data\\a.txt 1 hello"});
    desk.sweep();
    CHECK(desk.sweep() == 0);
    CHECK(desk.kept() == Names{"C:\\Data\\a.txt 1 hello"});
}
