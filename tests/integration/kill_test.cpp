// SPDX-License-Identifier: Apache-2.0
// Promise 1: 200 means committed. The daemon is killed under load, again and again, and every message that
// was acknowledged is there afterwards.
#include "tests/integration/daemon.hpp"
#include "tests/support/test_client.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <mutex>
#include <random>
#include <set>
#include <sstream>
#include <thread>

namespace pointman::test {

namespace {

constexpr int rounds = 20;
constexpr int senders = 4;

struct Acknowledged {
    std::mutex guard;
    std::set<std::string> markers;
    std::atomic<int> this_round{0};

    void add(std::string marker) {
        {
            std::scoped_lock const lock(guard);
            markers.insert(std::move(marker));
        }
        ++this_round;
    }
};

std::string status_xml(TestClient const& client, std::string const& marker) {
    return fmt::format(
        "<Status SchemaVersion=\"1.0\"><Type>{}</Type><Properties><Property Name=\"ClientID\">{}</Property>"
        "<Property Name=\"MachineName\">{}</Property></Properties></Status>",
        marker, client.id().text(), client.name());
}

/// A file whose text is the marker, in a report that is always taken.
wire::OutgoingRequest file_request(TestClient const& client, std::string const& marker) {
    auto request = client.message(
        "MP_SinvCollFileEndpoint",
        client.report("FILECOLL",
                      "<FileCollectionAction><FileCollectionActionID>{00000000-0000-0000-0000-000000000010}"
                      "</FileCollectionActionID><Description>File Collection</Description>"
                      "</FileCollectionAction>",
                      "<CollectedFile Content=\"New\" ID=\"1\"><LastWriteDate>" + marker +
                          "</LastWriteDate><Name>f</Name><Path>C:\\</Path></CollectedFile>"));
    request.attachments.push_back({"1", to_bytes(marker)});
    return request;
}

/// The same with files, which lie outside the database.
void send_files_until_killed(std::string const& address, TestClient const& client, int round,
                             std::string& latest) {
    try {
        auto connection = HttpConnection::plain(address);
        for (int i = 0;; ++i) {
            auto marker = fmt::format("R{}M{}", round, i);
            auto const answer = TestClient::send(connection, file_request(client, marker));
            if (answer.status == 200) latest = std::move(marker);
        }
    } catch (std::runtime_error const&) {
        return; // killed
    }
}

/// Sends until the connection breaks, noting what was acknowledged.
void send_until_killed(std::string const& address, TestClient const& client, int round, int sender,
                       Acknowledged& acknowledged) {
    try {
        auto connection = HttpConnection::plain(address);
        for (int i = 0;; ++i) {
            auto marker = fmt::format("R{}S{}M{}", round, sender, i);
            auto const answer = TestClient::send(
                connection, client.message("StatusReceiver", status_xml(client, marker), false));
            if (answer.status == 200) acknowledged.add(std::move(marker));
        }
    } catch (std::runtime_error const&) {
        return; // killed
    }
}

/// Texts of the kept revisions, the oldest first.
std::vector<std::string> kept_files(std::filesystem::path const& database) {
    auto const listed = run(
        {"sqlite3", database.string(), "SELECT LocalFilePath FROM v_GS_CollectedFile ORDER BY RevisionID"});
    std::vector<std::string> texts;
    std::istringstream lines(listed.out);
    for (std::string line; std::getline(lines, line);) texts.push_back(read_text(line));
    return texts;
}

} // namespace

TEST_CASE("no acknowledged message is lost when the daemon is killed under load") {
    TemporaryDirectory const directory;
    TestClient client("WS-0417", test_key(0));
    Acknowledged acknowledged;
    std::minstd_rand random(20261123);
    auto const database = Daemon::database_in(directory.path());
    std::string latest_file;

    for (int round = 0; round < rounds; ++round) {
        Daemon daemon(directory.path());
        if (round == 0) {
            auto connection = HttpConnection::plain(daemon.address());
            client.register_with(connection);
        }
        if (!latest_file.empty()) {
            auto const kept = kept_files(database);
            CHECK(std::ranges::find(kept, latest_file) != kept.end());
        }
        acknowledged.this_round = 0;
        std::vector<std::jthread> threads;
        threads.emplace_back([&] { send_files_until_killed(daemon.address(), client, round, latest_file); });
        for (int sender = 0; sender < senders; ++sender) {
            threads.emplace_back(
                [&, sender] { send_until_killed(daemon.address(), client, round, sender, acknowledged); });
        }
        int const kill_after = static_cast<int>(random() % 300) + 1;
        while (acknowledged.this_round < kill_after && daemon.process().running()) std::this_thread::yield();
        daemon.process().signal(SIGKILL);
        CHECK(daemon.process().wait() == -SIGKILL);
    }

    Daemon daemon(directory.path());
    auto const stored = run({"sqlite3", database.string(), "SELECT event_class FROM status_message"});
    std::set<std::string> found;
    std::istringstream lines(stored.out);
    for (std::string line; std::getline(lines, line);) found.insert(line);
    std::vector<std::string> lost;
    std::ranges::set_difference(acknowledged.markers, found, std::back_inserter(lost));
    CHECK(lost.empty());
    CHECK(acknowledged.markers.size() >= rounds);
    CHECK_FALSE(latest_file.empty());
    auto const kept = kept_files(database);
    CHECK(std::ranges::find(kept, latest_file) != kept.end());
    auto connection = HttpConnection::plain(daemon.address());
    CHECK(attribute_in(client.confirm(connection), "Status") == "0");

    daemon.process().signal(SIGTERM);
    CHECK(daemon.process().wait() == 0);
}

} // namespace pointman::test
