// SPDX-License-Identifier: Apache-2.0
#include "client/inventory/difference.hpp"
#include "client/inventory/software.hpp"
#include "endpoints/report/report_header.hpp"
#include "endpoints/software_inventory/files.hpp"
#include "tests/unit/client_inventory/support.hpp"

#include <chrono>
#include <sys/stat.h>

using namespace pointman;
using namespace pointman::test;
using inventory::collect_software;
using inventory::Scan;

namespace {

/// Folder and name of each file.
Lines places(inventory::Software const& software) {
    Lines places;
    for (auto const& entry : software.files.entries())
        places.push_back(fmt::format("{}{}", entry.instance.value("Path"), entry.instance.value("Name")));
    std::ranges::sort(places);
    return places;
}

} // namespace

TEST_CASE("files with the packages that they belong to") {
    Tree const tree;
    for (auto const* const file : {"usr/sbin/cron", "usr/bin/Setup.EXE"})
        tree.touch(file, std::chrono::sys_days(std::chrono::year(2026) / 5 / 9));
    auto const software = collect_software(
        {.directories = {"/usr/sbin", "/usr/bin"}, .patterns = {"cron", "*.exe"}}, tree.path());
    CHECK(software.is_complete);
    CHECK(lines_of(software.files) ==
          Lines{"FileSystemFile *CompanyName= *FileDescription= *FileVersion= "
                "LastWriteDate=20260509000000.000000+000 *Name=Setup.EXE *Path=/usr/bin/ *ProductLanguage= "
                "*ProductName= *ProductVersion= *Size=3",
                "FileSystemFile *CompanyName=Javier Example *FileDescription= *FileVersion= "
                "LastWriteDate=20260509000000.000000+000 *Name=cron *Path=/usr/sbin/ *ProductLanguage= "
                "*ProductName=cron *ProductVersion=3.0pl1-162 *Size=17"});
    // The package names the place that the file had before /bin was one with /usr/bin.
    auto const merged = collect_software({.directories = {"usr/bin/"}, .patterns = {"crontab"}}, tree.path());
    REQUIRE(merged.files.size() == 1);
    CHECK(merged.files.entries().front().instance.value("ProductName") == "cron");
}

TEST_CASE("which files are looked for") {
    Tree const tree;
    ::mkfifo((tree.path() / "usr/bin/pipe").c_str(), 0700);
    struct Case {
        std::string_view what;
        Scan scan;
        Lines files;
        bool is_complete = true;
    };
    Lines const all{"/usr/bin/README", "/usr/bin/Setup.EXE", "/usr/bin/crontab",
                    "/usr/bin/deeper/still/tool"};
    Scan const everything{.directories = {"/usr/bin"}, .only_executables = false};
    auto const with = [&everything](auto change) {
        auto scan = everything;
        change(scan);
        return scan;
    };
    for (auto const& [what, scan, files, is_complete] : std::vector<Case>{
             {"everything; no links, no pipe, no excluded folder", everything, all},
             {"programs", {.directories = {"/usr/bin"}}, {all[1], all[2], all[3]}},
             {"no folder", {}, {}},
             {"a folder that is not there", {.directories = {"/usr/nowhere"}}, {}},
             {"a file for a folder", {.directories = {"/usr/bin/crontab"}}, {}},
             {"an excluded folder", {.directories = {"/usr/bin/private"}}, {}},
             {"one folder in another",
              with([](Scan& scan) { scan.directories.emplace_back("/usr/bin/deeper"); }), all},
             {"a path that winds", with([](Scan& scan) { scan.directories = {"/usr/sbin/../bin"}; }), all},
             {"patterns",
              with([](Scan& scan) {
                  scan.patterns = {"read*", "T??L"};
              }),
              {all[0], all[3]}},
             {"no pattern", with([](Scan& scan) { scan.patterns.clear(); }), {}},
             {"not deep", with([](Scan& scan) { scan.most_depth = 0; }), {all[0], all[1], all[2]}},
             {"less deep", with([](Scan& scan) { scan.most_depth = 1; }), {all[0], all[1], all[2]}},
             {"few files", with([](Scan& scan) { scan.most_files = 2; }), {all[0], all[1]}, false},
         }) {
        INFO(what);
        auto const software = collect_software(scan, tree.path());
        CHECK(places(software) == files);
        CHECK(software.is_complete == is_complete);
    }
}

TEST_CASE("names that no report can hold as they are") {
    Tree const tree;
    for (auto const* const name : {"a\xFF", "a&<b", " ", "line\nend"})
        tree.write(std::filesystem::path("opt") / name, "x");
    auto const software = collect_software({.directories = {"/opt"}, .only_executables = false}, tree.path());
    CHECK(places(software) == Lines{"/opt/a&<b", "/opt/a\xEF\xBF\xBD", "/opt/line end"});
    CHECK(faults("software_inventory_report.xsd", software_report(sender(), {}, software.files)).empty());
}

TEST_CASE("the site reads the files as they were told") {
    Tree const tree;
    auto const before =
        collect_software({.directories = {"/usr"}, .only_executables = false}, tree.path()).files;
    auto const report = software_report(sender(), {}, before);
    REQUIRE(faults("software_inventory_report.xsd", report).empty());
    auto const document = schemas::parse(as_bytes(report)).value();
    auto const read = endpoints::inventory::read_files(
        endpoints::inventory::read_instances(endpoints::report_body(document).value()).value());
    CHECK(read.unusable.empty());
    REQUIRE(read.usable.size() == before.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
        auto const& told = before.entries()[i].instance;
        auto const& file = read.usable[i].file;
        CHECK(file.name == told.value("Name"));
        CHECK(file.path == told.value("Path"));
        CHECK(file.product == told.value("ProductName"));
        CHECK(std::to_string(file.size) == told.value("Size"));
        CHECK(file.modified == told.value("LastWriteDate"));
        CHECK(file.others.empty());
    }
}

TEST_CASE("a touched file is updated, a replaced one is another") {
    Tree const tree;
    Scan const scan{.directories = {"/usr/bin"}, .patterns = {"crontab", "Setup.EXE"}};
    auto const before = collect_software(scan, tree.path()).files;
    tree.touch("usr/bin/crontab", std::chrono::sys_days());
    tree.write("usr/bin/Setup.EXE", "MZ, and more");
    auto const changes = difference(before, collect_software(scan, tree.path()).files);
    REQUIRE(changes.updated.size() == 1);
    CHECK(changes.updated.front().value("Name") == "crontab");
    REQUIRE(changes.added.size() == 1);
    CHECK(changes.added.front().value("Size") == "12");
    REQUIRE(changes.deleted.size() == 1);
    CHECK(changes.deleted.front().value("Size") == "3");
}
