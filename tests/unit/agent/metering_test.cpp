// SPDX-License-Identifier: Apache-2.0
// Runs of programs, as /proc tells of them.
#include "base/time.hpp"
#include "client/agent/kept_files.hpp"
#include "client/agent/metering.hpp"
#include "client/inventory/processes.hpp"
#include "tests/support/paths.hpp"

#include <boost/json/array.hpp>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <fstream>

using namespace pointman;
using namespace pointman::client::agent;
using namespace std::chrono_literals;
using client::inventory::Process;
using client::inventory::Root;

namespace {

namespace fs = std::filesystem;

/// A machine that was started at ten o'clock.
class Machine {
public:
    Machine() {
        write("proc/stat", fmt::format("cpu 1\nbtime {}\n", boot.time_since_epoch() / 1s));
        write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nmueller:x:1000:1000::/home/m:/bin/sh\nbroken\n");
        write("proc/uptime", "1 1\n");
        write("usr/bin/wedit", "1234567");
    }
    void run(unsigned pid, std::string const& command, std::chrono::seconds after_boot,
             std::string const& file = "", unsigned uid = 1000) const {
        auto const directory = fmt::format("proc/{}", pid);
        write(directory + "/stat",
              fmt::format("{} (a (strange) name) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 {} 1 1\n", pid,
                          after_boot.count() * 100));
        write(directory + "/cmdline", command);
        write(directory + "/status", fmt::format("Name:\tx\nUid:\t{}\t0\t0\t0\n", uid));
        if (!file.empty()) fs::create_symlink(file, root() / directory / "exe");
    }
    void end(unsigned pid) const { fs::remove_all(root() / "proc" / std::to_string(pid)); }
    void write(fs::path const& file, std::string_view text) const {
        fs::create_directories((root() / file).parent_path());
        std::ofstream(root() / file, std::ios::binary) << text;
    }
    fs::path root() const { return directory_.path(); }

    static constexpr client::Time boot = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + 10h;

private:
    test::TemporaryDirectory directory_;
};

std::string const with_nul("/usr/bin/other\0--flag\0", 22);

struct Metered {
    Machine machine;
    test::TemporaryDirectory directory;
    client::Time now = Machine::boot + 1h;
    std::unique_ptr<LocalClient> client =
        LocalClient::open({.directory = directory.path(),
                           .settings = {.server = "http://127.0.0.1:1", .name = "PC"},
                           .now = [this] { return now; },
                           .root = machine.root()})
            .value();
    std::vector<MeterRule> const rules{{"Editor", "WEDIT"}};

    Metered() { client->identity().remember("GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3").value(); }

    std::vector<boost::json::object> runs() const {
        return objects_in(client->home().read(kept::metering).value(), "runs");
    }
    void look() { REQUIRE(look_at_programs(*client, rules)); }
    std::size_t report() {
        Instructions instructions;
        instructions.metering = rules;
        auto const reported = report_metering(*client, instructions);
        REQUIRE(reported);
        return reported->items;
    }
};

} // namespace

TEST_CASE("programs that run now") {
    Machine const machine;
    machine.run(20, std::string("wedit\0a.txt\0", 12), 60s, "/usr/bin/wedit");
    machine.run(9, with_nul, 30s, "", 0);                // of somebody else
    machine.run(30, "", 1s);                             // of the kernel
    machine.run(40, "x", 90s, "/opt/x (deleted)", 4711); // replaced since it began
    machine.run(50, "y", 1s);
    machine.write("proc/50/stat", "50 (y) S 1\n"); // cut short
    machine.write("proc/self/stat", "");
    CHECK(client::inventory::processes_of(Root(machine.root())) ==
          std::vector<Process>{{9, "other", "", "root", Machine::boot + 30s},
                               {20, "wedit", "/usr/bin/wedit", "mueller", Machine::boot + 60s},
                               {40, "x", "/opt/x", "4711", Machine::boot + 90s}});
    machine.write("proc/stat", "cpu 1\n");
    CHECK(client::inventory::processes_of(Root(machine.root())).empty()); // nobody knows when they began
}

TEST_CASE("a run is seen from its begin to its end, and reported until that is told") {
    Metered metered;
    metered.machine.run(20, "wedit", 60s, "/usr/bin/wedit");
    metered.machine.run(21, "other", 60s);
    metered.look();
    auto const begun = metered.runs();
    REQUIRE(begun.size() == 1);
    CHECK(text_in(begun[0], "file") == "wedit");
    CHECK(text_in(begun[0], "size") == "7");
    CHECK(text_in(begun[0], "product") == "Editor");
    CHECK(text_in(begun[0], "user") == "PC\\mueller");
    CHECK(text_in(begun[0], "start") == "2026-11-23T10:01:00.000Z");
    CHECK(text_in(begun[0], "end") == "2026-11-23T11:00:00.000Z");
    CHECK(begun[0].at("goes_on").as_bool());

    metered.now += 1min;
    CHECK(metered.report() == 1);
    auto const goes_on = metered.runs();
    REQUIRE(goes_on.size() == 1);
    CHECK(text_in(goes_on[0], "id") == text_in(begun[0], "id"));
    CHECK(text_in(goes_on[0], "end") == "2026-11-23T11:01:00.000Z");

    // Another program has the number now: the run has ended, when it was seen last.
    metered.machine.end(20);
    metered.machine.run(20, "wedit", 3700s, "/usr/bin/wedit");
    metered.now += 1min;
    metered.look();
    auto const ended = metered.runs();
    REQUIRE(ended.size() == 2);
    CHECK_FALSE(ended[0].at("goes_on").as_bool());
    CHECK(text_in(ended[0], "end") == "2026-11-23T11:01:00.000Z");
    CHECK(text_in(ended[1], "id") != text_in(ended[0], "id"));
    CHECK(metered.report() == 2);
    CHECK(metered.runs().size() == 1); // the one that goes on
    metered.machine.end(20);
    CHECK(metered.report() == 1);
    CHECK(metered.report() == 0);
}

TEST_CASE("a clock that was set back, and a damaged file") {
    Metered metered;
    metered.machine.run(20, "wedit", 60s, "/usr/bin/wedit");
    metered.now = Machine::boot;
    metered.look();
    CHECK(text_in(metered.runs().at(0), "end") == text_in(metered.runs().at(0), "start"));
    std::ofstream(metered.client->home().file(kept::metering)) << "{";
    metered.look();
    CHECK(metered.runs().size() == 1);
}
