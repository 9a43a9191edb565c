// SPDX-License-Identifier: Apache-2.0
// What a full hardware inventory report of 230 instances costs over HTTP, durable, against a loop that does
// only what nobody can do without: inflate the payload, parse it, and insert the same rows with group commit.
// Exits with 1 where the daemon takes less than 60 % of the reports of that loop, where an unchanged report
// is not taken at least twice as fast as a changed one, or where memory grows over 10,000 reports. Arguments:
// rate, memory; none = both.
#include "db/inventory.hpp"

#include "endpoints/inventory/reported.hpp"
#include "endpoints/report/report_header.hpp"
#include "schemas/document.hpp"
#include "server/wire/utf16.hpp"
#include "server/wire/zlib.hpp"
#include "tests/bench/bare_sax.hpp"
#include "tests/bench/figure.hpp"
#include "tests/bench/load.hpp"
#include "tests/bench/report.hpp"
#include "tests/support/lab.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/test_client.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <fstream>
#include <memory>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

namespace {

using namespace pointman;
using namespace pointman::bench;

constexpr unsigned connections = 32;       // as many reports are on their way at once
constexpr unsigned parsers = 2;            // as many threads as test::Lab has
constexpr std::size_t group = connections; // of the floor: no report more in one commit
constexpr int clients_in_run = 400;        ///< each sends one report in each round
constexpr double least_rate = 0.6;
constexpr double least_gain = 2;

// --- The floor ---

struct Row {
    int class_id = 0;
    std::string key;
    std::string json;
};

/// The rows that a report becomes.
std::vector<Row> rows_of(std::string const& instances) {
    auto const text = "<Report><ReportBody>" + instances + "</ReportBody></Report>";
    auto const document = must(schemas::parse(as_bytes(text)));
    std::vector<Row> rows;
    auto read = must(endpoints::inventory::read_instances(*endpoints::report_body(document)));
    int class_id = 0;
    for (auto const& of : endpoints::inventory::read_classes(std::move(read), true).classes) {
        ++class_id;
        for (auto const& each : of.instances) rows.push_back({class_id, each.key, each.json});
    }
    return rows;
}

/// Bare SQLite: a table like the one for instances, with its indices.
class BareTable {
public:
    explicit BareTable(std::filesystem::path const& file) {
        sqlite3_open(file.c_str(), &database_);
        run("PRAGMA journal_mode=WAL");
        run("PRAGMA synchronous=FULL");
        run("CREATE TABLE instance (group_id INTEGER PRIMARY KEY, resource_id INTEGER NOT NULL, class_id "
            "INTEGER"
            " NOT NULL, instance_key TEXT NOT NULL, action TEXT NOT NULL, revision INTEGER NOT NULL, "
            "time_stamp TEXT"
            " NOT NULL, since TEXT NOT NULL, properties TEXT NOT NULL, UNIQUE (resource_id, class_id, "
            "instance_key))");
        run("CREATE INDEX instance_by_class ON instance (class_id)");
        constexpr auto sql =
            "INSERT INTO instance VALUES (NULL, ?, ?, ?, '0001', 1, '20261128000000.000000+000',"
            " '2026-11-28T00:00:00.000Z', ?)";
        sqlite3_prepare_v2(database_, sql, -1, &insert_, nullptr);
    }
    ~BareTable() {
        sqlite3_finalize(insert_);
        sqlite3_close(database_);
    }
    BareTable(BareTable const&) = delete;
    BareTable& operator=(BareTable const&) = delete;

    void run(char const* sql) {
        if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(database_));
    }
    void insert(int resource, std::vector<Row> const& rows) {
        for (auto const& row : rows) {
            sqlite3_bind_int(insert_, 1, resource);
            sqlite3_bind_int(insert_, 2, row.class_id);
            sqlite3_bind_text(insert_, 3, row.key.data(), static_cast<int>(row.key.size()), SQLITE_STATIC);
            sqlite3_bind_text(insert_, 4, row.json.data(), static_cast<int>(row.json.size()), SQLITE_STATIC);
            if (sqlite3_step(insert_) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database_));
            sqlite3_reset(insert_);
        }
    }

private:
    sqlite3* database_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
};

/// Reports that are parsed and wait for their commit.
class Queue {
public:
    void push(int resource) {
        {
            std::scoped_lock const lock(guard_);
            waiting_.push(resource);
        }
        came_.notify_one();
    }
    /// At least one; blocks.
    std::vector<int> pop() {
        std::unique_lock lock(guard_);
        came_.wait(lock, [this] { return !waiting_.empty(); });
        std::vector<int> taken;
        while (!waiting_.empty() && taken.size() < group) {
            taken.push_back(waiting_.front());
            waiting_.pop();
        }
        return taken;
    }

private:
    std::mutex guard_;
    std::condition_variable came_;
    std::queue<int> waiting_;
};

/// Inflates and parses as many reports as there are.
void parse_all(Bytes const& compressed, std::atomic<int>& next, Queue& queue) {
    BareSax reader("hardware_inventory_report.xsd");
    for (int number = next++; number < clients_in_run; number = next++) {
        auto const bytes = must(wire::zlib_decompress(compressed));
        reader.parse(bytes);
        queue.push(number);
    }
}

double reports_per_second(std::chrono::steady_clock::time_point started, int count) {
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - started;
    return count / took.count();
}

/// Reports a second.
double floor_rate(std::string const& report, std::vector<Row> const& rows) {
    test::TemporaryDirectory const directory;
    BareTable table(directory.path() / "floor.db");
    auto const compressed = wire::zlib_compress(wire::to_utf16le(report));
    std::atomic<int> next{0};
    Queue queue;
    auto const started = std::chrono::steady_clock::now();
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < parsers; ++i) threads.emplace_back([&] { parse_all(compressed, next, queue); });
    for (int done = 0; done < clients_in_run;) {
        auto const part = queue.pop();
        table.run("BEGIN IMMEDIATE");
        for (auto const resource : part) table.insert(resource, rows);
        table.run("COMMIT");
        done += static_cast<int>(part.size());
    }
    return reports_per_second(started, clients_in_run);
}

// --- The daemon ---

/// Requests that were made before the clock runs: to sign and to compress is the client's work.
std::vector<std::string> requests(std::vector<test::TestClient> const& clients, std::string const& instances,
                                  int number) {
    std::vector<std::string> made;
    for (auto const& client : clients) {
        auto const text =
            client.report("Inventory Data", hardware_action, instances, fmt::format("{}.0", number), "Full");
        made.push_back(post(wire::encode_request(client.message("MP_HinvEndpoint", text))));
    }
    return made;
}

std::vector<test::TestClient> registered(test::Lab& lab, int count) {
    auto connection = lab.http();
    std::vector<test::TestClient> clients;
    for (int i = 0; i < count; ++i) {
        auto& client = clients.emplace_back(fmt::format("PC{}", i), wire::PrivateKey::generate(1024));
        client.register_with(connection);
    }
    return clients;
}

std::int64_t current_instances(test::Lab& lab) {
    auto const classes =
        must(lab.store().read([](db::Session& session) { return db::Inventory(session).classes(); }));
    std::int64_t count = 0;
    for (auto const& [each, instances] : classes) count += instances;
    return count;
}

bool compare_rates() {
    auto const first = hardware_instances(0);
    auto const second = hardware_instances(1);
    auto const rows = rows_of(first);
    constexpr int rounds = 3;
    std::vector<double> floors;
    std::vector<double> fresh;
    std::vector<double> unchanged;
    std::vector<double> changed;
    std::size_t size = 0;
    for (int round = 0; round < rounds; ++round) {
        test::Lab lab;
        auto const clients = registered(lab, clients_in_run);
        auto const& address = lab.app().addresses().http.front();
        auto const report = clients.front().report("Inventory Data", hardware_action, first, "1.0", "Full");
        size = report.size() * 2;
        auto const new_ones = requests(clients, first, 1);
        auto const same_ones = requests(clients, first, 2);
        auto const other_ones = requests(clients, second, 3);
        floors.push_back(floor_rate(report, rows));
        fresh.push_back(posts_per_second(address, new_ones, connections));
        unchanged.push_back(posts_per_second(address, same_ones, connections));
        changed.push_back(posts_per_second(address, other_ones, connections));
        if (current_instances(lab) != clients_in_run * instances_of_report)
            throw std::runtime_error("instances are missing");
    }
    auto const median = [](std::vector<double> values) {
        std::ranges::sort(values);
        return values[values.size() / 2];
    };
    auto const ratio = median(fresh) / median(floors);
    auto const gain = median(unchanged) / median(changed);
    fmt::print("a full report of {} instances and {} bytes: {:.0f}/s; inflate, parse, insert: {:.0f}/s;"
               " {:.0f} %, and {:.0f} % are wanted\n",
               instances_of_report, size, median(fresh), median(floors), 100 * ratio, 100 * least_rate);
    fmt::print("unchanged: {:.0f}/s, every instance changed: {:.0f}/s; {:.1f} times as fast, and {:.0f} are"
               " wanted; as fast as a new one: {:.1f} times\n",
               median(unchanged), median(changed), gain, least_gain, median(unchanged) / median(fresh));
    bool const fast = put_down({"full inventory, 230 instances", median(fresh), "inflate, parse, insert",
                                median(floors), least_rate});
    bool const gains = put_down({"unchanged full inventory", median(unchanged), "changed full inventory",
                                 median(changed), least_gain});
    return fast && gains;
}

// --- Memory ---

/// Of this process, in megabytes.
double resident() {
    std::ifstream status("/proc/self/statm");
    std::size_t total = 0;
    std::size_t pages = 0;
    status >> total >> pages;
    return static_cast<double>(pages) * 4096 / 1e6;
}

/// Changed and unchanged reports in turn. What grows after the first thousand is a leak.
bool look_at_memory() {
    constexpr int reports = 10'000;
    constexpr int clients = 20;
    constexpr int steps = 10;
    constexpr double allowed = 8; // MB
    test::Lab lab({"log.level=warning"});
    auto const senders = registered(lab, clients);
    auto const& address = lab.app().addresses().http.front();
    std::string const states[]{hardware_instances(0), hardware_instances(1)};
    int number = 0;
    double after_first = 0;
    for (int step = 0; step < steps; ++step) {
        for (int sent = 0; sent < reports / steps; sent += clients) {
            ++number;
            posts_per_second(address, requests(senders, states[number / 2 % 2], number), connections);
        }
        if (step == 0) after_first = resident();
        fmt::print("{} reports: {:.1f} MB resident\n", (step + 1) * reports / steps, resident());
    }
    auto const grown = resident() - after_first;
    fmt::print("memory grew by {:.1f} MB after the first {} reports, and less than {:.0f} MB are wanted\n",
               grown, reports / steps, allowed);
    return grown < allowed;
}

} // namespace

int main(int argc, char** argv) {
    std::vector<std::string_view> const only(argv + 1, argv + argc);
    auto const wanted = [&only](std::string_view name) {
        return only.empty() || std::ranges::find(only, name) != only.end();
    };
    bool good = true;
    if (wanted("rate")) good &= compare_rates();
    if (wanted("memory")) good &= look_at_memory();
    return good ? 0 : 1;
}
