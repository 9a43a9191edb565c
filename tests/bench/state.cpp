// SPDX-License-Identifier: Apache-2.0
// Small posts are what a management point sees most: signed state messages of 2.5 KB, validated and durable,
// against two floors in the same run: bare SQLite that commits the same rows in groups, and a bare Beast echo
// of the same sizes. Exits with 1 where the daemon takes less than 60 % of the lower of the two.
#include "db/store.hpp"
#include "server/wire/signature.hpp"
#include "tests/bench/echo.hpp"
#include "tests/bench/figure.hpp"
#include "tests/bench/load.hpp"
#include "tests/support/lab.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/test_client.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace {

using namespace pointman;
using namespace pointman::bench;

constexpr unsigned connections = 32; ///< as many messages are on their way at once
constexpr int clients = 50;
constexpr int messages_of_client = 120; ///< in a round
constexpr int topics = 40;              ///< of a client
constexpr int rounds = 9; ///< of all three, one after the other: the machine may change its pace
constexpr std::size_t characters = 2'500; ///< of the XML
constexpr double least = 0.6;

/// Of the update that a state is about.
std::string topic_of(int serial) {
    return fmt::format("{{0B6E3C1D-77A4-4B0E-9D2F-{:012}}}", serial % topics);
}

std::string state_xml(int serial) {
    return fmt::format(
        "<StateMessage MessageTime=\"20261123{:02}{:02}{:02}.000000+000\" SerialNumber=\"{}\"><Topic "
        "ID=\"{}\" Type=\"500\" IDType=\"3\"/><State ID=\"{}\" "
        "Criticality=\"0\"/><UserParameters Flags=\"0\" Count=\"1\"><Param>200</Param>"
        "</UserParameters></StateMessage>",
        serial / 3600 % 24, serial / 60 % 60, serial % 60, serial, topic_of(serial), serial % 4);
}

/// As many states as make a report of 2.5 KB; `serial` is the next one.
std::string report_of(test::TestClient const& client, int& serial) {
    std::string states;
    auto const text = [&] { return client.report("State Message Data", "", states); };
    while (text().size() < characters) states += state_xml(++serial);
    return text();
}

/// In the order in which each client sends them: message by message, client by client.
std::vector<std::string> requests(std::vector<test::TestClient> const& senders, std::vector<int>& serials) {
    std::vector<std::string> made;
    for (int i = 0; i < messages_of_client; ++i) {
        for (std::size_t j = 0; j < senders.size(); ++j) {
            auto message = senders[j].message("MP_RelayEndpoint", report_of(senders[j], serials[j]));
            message.header.properties.push_back({"FileType", "SMX"});
            made.push_back(post(wire::encode_request(std::move(message))));
        }
    }
    return made;
}

/// A database of its own in the daemon's tables, written by nothing but prepared statements.
class BareTables {
public:
    BareTables() {
        db::StoreOptions options;
        options.database = directory_.path() / "floor.db";
        must(db::Store::open(options)); // makes the tables, and is gone
        sqlite3_open(options.database.c_str(), &database_);
        run("PRAGMA synchronous=FULL; PRAGMA cache_size=-32768;");
        for (int client = 0; client < clients; ++client) {
            run(fmt::format(
                "INSERT INTO client SELECT '{0}', {1}, 'PC{1}', '', 'approved', '', '', 0, '', '',"
                " '', NULL, '2026-11-23T00:00:00.000Z', '2026-11-23T00:00:00.000Z', x'';"
                "INSERT INTO resource VALUES ({1}, '{0}', 'PC{1}', '2026-11-23T00:00:00.000Z');",
                id_of(client), client + 1));
        }
    }
    ~BareTables() {
        for (auto* statement : statements_) sqlite3_finalize(statement);
        sqlite3_close(database_);
    }
    BareTables(BareTables const&) = delete;
    BareTables& operator=(BareTables const&) = delete;

    static std::string id_of(int client) {
        return fmt::format("GUID:7C1D9A52-3E0B-4F61-9B8E-{:012}", client);
    }

    void run(std::string const& sql) {
        if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(database_));
    }

    sqlite3_stmt* prepare(char const* sql) {
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr) != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(database_));
        statements_.push_back(statement);
        return statement;
    }

    void step(sqlite3_stmt* statement, std::initializer_list<std::variant<int, std::string_view>> values) {
        int column = 0;
        for (auto const& value : values) {
            ++column;
            if (auto const* number = std::get_if<int>(&value)) {
                sqlite3_bind_int(statement, column, *number);
            } else {
                auto const text = std::get<std::string_view>(value);
                sqlite3_bind_text(statement, column, text.data(), static_cast<int>(text.size()), nullptr);
            }
        }
        if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database_));
        sqlite3_reset(statement);
    }

private:
    test::TemporaryDirectory directory_;
    sqlite3* database_ = nullptr;
    std::vector<sqlite3_stmt*> statements_;
};

/// Reports a second of bare SQLite that commits the same rows: of each state what it replaces and itself, and
/// of each report the client's serial numbers, the mark of the message and when the client was seen. As many
/// reports in a commit as are on their way at once.
double sqlite_rate(int reports, int states) {
    BareTables tables;
    auto* const former = tables.prepare(
        "INSERT OR FAIL INTO state_history SELECT ?, resource_id, topic_type, topic_id, topic_id_type, "
        "state_id,"
        " state_time, criticality, serial, epoch, received, detail_type, details, flags, parameters,"
        " user_name, user_sid, '2026-11-23T00:00:01.000Z' FROM state_message"
        " WHERE resource_id = ? AND topic_type = 500 AND topic_id = ?");
    auto* const first = tables.prepare(
        "INSERT INTO state_message VALUES (?, 500, ?, 3, 2, '2026-11-23T00:00:00.000Z', 0, ?, 1,"
        " '2026-11-23T00:00:00.000Z', 0, '', 0, '[\"200\"]', '', '')");
    auto* const next = tables.prepare(
        "UPDATE state_message SET topic_id_type = 3, state_id = 2, state_time = '2026-11-23T00:00:00.000Z',"
        " criticality = 0, serial = ?3, epoch = 1, received = '2026-11-23T00:00:00.000Z', detail_type = 0,"
        " details = '', flags = 0, parameters = '[\"200\"]', user_name = '', user_sid = ''"
        " WHERE resource_id = ?1 AND topic_type = 500 AND topic_id = ?2");
    auto* const sequence = tables.prepare(
        "INSERT INTO state_sequence VALUES (?, 1, ?, '2026-11-23T00:00:00.000Z', NULL) ON CONFLICT DO UPDATE"
        " SET newest = excluded.newest, newest_time = excluded.newest_time");
    auto* const mark =
        tables.prepare("INSERT INTO processed_message VALUES (?, ?, ?, '2026-11-23T00:00:00.000Z')");
    auto* const seen =
        tables.prepare("UPDATE client SET last_seen = '2026-11-23T00:00:01.000Z' WHERE client_id = ?");
    std::string const hash(64, 'A');
    std::vector<int> serials(clients, 0);
    auto const started = std::chrono::steady_clock::now();
    for (int done = 0; done < reports;) {
        tables.run("BEGIN IMMEDIATE");
        for (unsigned i = 0; i < connections && done < reports; ++i, ++done) {
            auto const client = done % clients;
            auto const id = BareTables::id_of(client);
            auto& serial = serials[static_cast<std::size_t>(client)];
            for (int j = 0; j < states; ++j) {
                auto const topic = topic_of(++serial);
                if (serial > topics) tables.step(former, {done * states + j + 1, client + 1, topic});
                tables.step(serial > topics ? next : first, {client + 1, topic, serial});
            }
            tables.step(sequence, {client + 1, serial});
            tables.step(mark, {id, fmt::format("{{7C1D9A52-3E0B-4F61-9B8E-{:012}}}", done), hash});
            tables.step(seen, {id});
        }
        tables.run("COMMIT");
    }
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - started;
    return reports / took.count();
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

} // namespace

int main() {
    test::Lab lab;
    std::vector<test::TestClient> senders;
    auto connection = lab.http();
    for (int i = 0; i < clients; ++i) {
        senders.emplace_back(fmt::format("PC{}", i), wire::PrivateKey::generate(1024));
        senders.back().register_with(connection);
    }
    std::vector<int> serials(senders.size(), 0);
    Echo const echo{{}};
    std::vector<double> ours;
    std::vector<double> cpu; ///< microseconds of a post, generator and daemon together
    std::vector<double> echoes;
    std::vector<double> commits;
    std::size_t size = 0;
    int states = 0;
    for (int round = 0; round < rounds; ++round) {
        auto const before = serials.front();
        auto const all = requests(senders, serials);
        states = (serials.front() - before) / messages_of_client;
        size = all.front().size();
        echoes.push_back(posts_per_second(echo.address(), all, connections));
        commits.push_back(sqlite_rate(static_cast<int>(all.size()), states));
        auto const cpu_before = cpu_time(CLOCK_PROCESS_CPUTIME_ID);
        ours.push_back(posts_per_second(lab.app().addresses().http.front(), all, connections));
        std::chrono::duration<double, std::micro> const used =
            cpu_time(CLOCK_PROCESS_CPUTIME_ID) - cpu_before;
        cpu.push_back(used.count() / static_cast<double>(all.size()));
    }
    auto const floor = std::min(median(echoes), median(commits));
    auto const ratio = median(ours) / floor;
    fmt::print(
        "signed state messages of {} bytes with {} states each, {} connections: {:.0f}/s, {:.0f} us of CPU\n"
        "bare Beast echo: {:.0f}/s; bare SQLite, the same rows in groups: {:.0f}/s; {} binds\n"
        "{:.0f} % of the lower, and {:.0f} % are wanted\n",
        size, states, connections, median(ours), median(cpu), median(echoes), median(commits),
        median(echoes) < median(commits) ? "HTTP" : "the store", 100 * ratio, 100 * least);
    bool const http_binds = median(echoes) < median(commits);
    bool const good = put_down({"signed state message of 2.5 KB", median(ours),
                                http_binds ? "bare Beast echo" : "bare SQLite, same rows", floor, least});
    return good ? 0 : 1;
}
