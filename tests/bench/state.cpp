// SPDX-License-Identifier: Apache-2.0
// Small posts are what a management point sees most: signed state messages of 2.5 KB, validated and durable,
// against two floors in the same run: bare SQLite that commits the same rows in groups, and a bare Beast echo
// of the same sizes. Exits with 1 where the daemon takes less than 60 % of the lower of the two.
#include "server/wire/signature.hpp"
#include "tests/bench/echo.hpp"
#include "tests/bench/load.hpp"
#include "tests/support/lab.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/test_client.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace pointman;
using namespace pointman::bench;

constexpr unsigned connections = 16; ///< as many messages are on their way at once
constexpr int clients = 50;
constexpr int messages_of_client = 120; ///< in a round
constexpr int rounds = 3;
constexpr std::size_t characters = 2'500; ///< of the XML
constexpr double least = 0.6;

std::string state_xml(int serial) {
    return fmt::format(
        "<StateMessage MessageTime=\"20261123{:02}{:02}{:02}.000000+000\" SerialNumber=\"{}\"><Topic "
        "ID=\"{{0B6E3C1D-77A4-4B0E-9D2F-{:012}}}\" Type=\"500\" IDType=\"3\"/><State ID=\"{}\" "
        "Criticality=\"0\"/><UserParameters Flags=\"0\" Count=\"1\"><Param>200</Param>"
        "</UserParameters></StateMessage>",
        serial / 3600 % 24, serial / 60 % 60, serial % 60, serial, serial % 40, serial % 4);
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

/// Reports a second of bare SQLite: the rows of `states` states each, as many reports in a commit as are on
/// their way at once.
double sqlite_rate(int reports, int states) {
    test::TemporaryDirectory const directory;
    sqlite3* database = nullptr;
    sqlite3_open((directory.path() / "floor.db").c_str(), &database);
    auto const run = [database](char const* sql) {
        if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(database));
    };
    run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE state (message_id INTEGER PRIMARY "
        "KEY,"
        " resource_id INTEGER, topic_type INTEGER, topic_id TEXT, state_id INTEGER, state_time TEXT, serial "
        "INTEGER,"
        " received TEXT, parameters TEXT); CREATE INDEX state_by_topic ON state (resource_id, topic_type, "
        "topic_id);");
    sqlite3_stmt* insert = nullptr;
    sqlite3_prepare_v2(database,
                       "INSERT INTO state VALUES (NULL, ?, 500, '{0B6E3C1D-77A4-4B0E-9D2F-33C1E5A80917}', 2,"
                       " '2026-11-23T00:00:00.000Z', ?, '2026-11-23T00:00:00.000Z', '[\"200\"]')",
                       -1, &insert, nullptr);
    auto const started = std::chrono::steady_clock::now();
    for (int done = 0; done < reports;) {
        run("BEGIN IMMEDIATE");
        for (unsigned i = 0; i < connections && done < reports; ++i, ++done) {
            for (int j = 0; j < states; ++j) {
                sqlite3_bind_int(insert, 1, done % clients);
                sqlite3_bind_int(insert, 2, done * states + j);
                sqlite3_step(insert);
                sqlite3_reset(insert);
            }
        }
        run("COMMIT");
    }
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - started;
    sqlite3_finalize(insert);
    sqlite3_close(database);
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
        ours.push_back(posts_per_second(lab.app().addresses().http.front(), all, connections));
    }
    auto const floor = std::min(median(echoes), median(commits));
    auto const ratio = median(ours) / floor;
    fmt::print("signed state messages of {} bytes with {} states each, {} connections: {:.0f}/s\n"
               "bare Beast echo: {:.0f}/s; bare SQLite, the same rows in groups: {:.0f}/s; {} binds\n"
               "{:.0f} % of the lower, and {:.0f} % are wanted\n",
               size, states, connections, median(ours), median(echoes), median(commits),
               median(echoes) < median(commits) ? "HTTP" : "the store", 100 * ratio, 100 * least);
    return ratio >= least ? 0 : 1;
}
