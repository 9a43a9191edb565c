// SPDX-License-Identifier: Apache-2.0
// Posting: durable, in order, with the same id until it is done; crashes and several processes do no harm.
#include "base/bytes.hpp"
#include "client/messaging/courier.hpp"
#include "server/wire/message.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/unit/client/support.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <pointman/messaging.hpp>
#include <set>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace pointman::client {

namespace {

using test::http_answer;
using test::ScriptedAnswer;
using test::ScriptedRequest;
using test::ScriptedServer;

constexpr auto nowhere = "http://127.0.0.1:1";

struct Fixture {
    test::TemporaryDirectory directory;
    Time now = test_time;

    std::filesystem::path queue() const { return directory.path() / "queue"; }
    Messaging open() {
        return Messaging::open(
                   {.queue = queue(), .deliver_in_background = false, .now = [this] { return now; }})
            .value();
    }
};

Message numbered(int number, std::string const& endpoint = "MP_Test") {
    Message message;
    message.set_target_endpoint(endpoint);
    message.set_body_from_string(fmt::format("<M>{}</M>", number));
    return message;
}

wire::Header header_of(ScriptedRequest const& request) {
    auto decoded = wire::decode(wire::content_type, as_bytes(request.body)).value();
    return std::get<wire::Envelope>(decoded).header;
}

/// Ids of the messages that a server has got.
std::vector<std::string> ids_at(ScriptedServer const& server) {
    std::vector<std::string> ids;
    for (auto const& request : server.requests()) ids.push_back(header_of(request).id);
    return ids;
}

std::vector<std::filesystem::path> files_in(std::filesystem::path const& directory) {
    std::vector<std::filesystem::path> files;
    for (auto const& entry : std::filesystem::directory_iterator(directory))
        if (entry.path().extension() == ".message") files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

/// In a process of its own, which ends without destructors.
pid_t in_child(std::function<void()> const& work) {
    auto const child = ::fork();
    if (child != 0) return child;
    try {
        work();
        ::_exit(0);
    } catch (...) {
        ::_exit(1);
    }
}

int exit_of(pid_t child) {
    int status = -1;
    ::waitpid(child, &status, 0);
    return status;
}

} // namespace

TEST_CASE("what is posted is on the disk, for its owner alone, and survives a restart") {
    Fixture fixture;
    std::string id;
    {
        auto messaging = fixture.open();
        auto message = numbered(1);
        message.set_timeout(std::chrono::hours{1});
        id = messaging.post(nowhere, message).value();
        struct stat status{};
        REQUIRE(::stat(files_in(fixture.queue()).front().c_str(), &status) == 0);
        CHECK((status.st_mode & 0777U) == 0600);
    }
    auto messaging = fixture.open();
    auto const queued = messaging.queued().value();
    REQUIRE(queued.size() == 1);
    CHECK(queued.front().tracking_id == id);
    CHECK(queued.front().host == nowhere);
    CHECK(queued.front().endpoint == "MP_Test");
    CHECK(queued.front().posted == test_time);
    CHECK(queued.front().expires == test_time + std::chrono::hours{1});
}

TEST_CASE("without a queue nothing is posted") {
    auto messaging = Messaging::open().value();
    CHECK(name_of(messaging.post(nowhere, numbered(1)).error().code) == "invalid_argument");
    CHECK(name_of(messaging.flush().error().code) == "invalid_argument");
    CHECK(name_of(Messaging::open({.queue = "/dev/null/queue"}).error().code) == "storage");
}

TEST_CASE("messages are delivered in order, as posts, once") {
    Fixture fixture;
    ScriptedServer server([](ScriptedRequest const&) { return ScriptedAnswer{http_answer(200)}; });
    auto messaging = fixture.open();
    std::vector<std::string> posted;
    for (int i = 0; i < 5; ++i) posted.push_back(messaging.post(server.url(), numbered(i)).value());
    auto const delivery = messaging.flush().value();
    CHECK(delivery.delivered == 5);
    CHECK(delivery.waiting == 0);
    CHECK(ids_at(server) == posted);
    CHECK(header_of(server.requests().front()).reply_mode == "Async");
    CHECK(messaging.flush()->delivered == 0);
    CHECK(messaging.queued()->empty());
}

TEST_CASE("a failed message is sent again with the same id, after its pause") {
    Fixture fixture;
    std::atomic<int> failures = 2;
    ScriptedServer server([&](ScriptedRequest const&) {
        return ScriptedAnswer{http_answer(failures-- > 0 ? 503 : 200, {{"Retry-After", "100"}})};
    });
    auto messaging = fixture.open();
    auto const first = messaging.post(server.url(), numbered(1)).value();
    auto const second = messaging.post(server.url(), numbered(2)).value();
    auto delivery = messaging.flush().value();
    CHECK(delivery.waiting == 2);
    REQUIRE(delivery.last_failure);
    CHECK(delivery.last_failure->http_status == 503);
    CHECK(server.requests().size() == 1); // the second keeps its place behind the first

    fixture.now += std::chrono::seconds{99}; // longer than the pause of one minute, shorter than the server's
    CHECK(messaging.flush()->waiting == 2);
    CHECK(server.requests().size() == 1);
    fixture.now += std::chrono::seconds{1};
    CHECK(messaging.flush()->waiting == 2);
    CHECK(server.requests().size() == 2);
    fixture.now += std::chrono::minutes{4}; // the second pause is five minutes
    CHECK(messaging.flush()->waiting == 2);
    CHECK(messaging.flush(true)->delivered == 2);
    CHECK(ids_at(server) == std::vector<std::string>{first, first, first, second});
}

TEST_CASE("a target that fails does not stop the others") {
    Fixture fixture;
    ScriptedServer server([](ScriptedRequest const& request) {
        return ScriptedAnswer{http_answer(header_of(request).target_endpoint == "MP_Bad" ? 500 : 200)};
    });
    auto messaging = fixture.open();
    REQUIRE(messaging.post(server.url(), numbered(1, "MP_Bad")));
    REQUIRE(messaging.post(server.url(), numbered(2, "MP_Good")));
    REQUIRE(messaging.post(nowhere, numbered(3, "MP_Good")));
    auto const delivery = messaging.flush().value();
    CHECK(delivery.delivered == 1);
    CHECK(delivery.waiting == 2);
}

TEST_CASE("a refusal is final or not, by its status") {
    struct Row {
        int status;
        bool is_final;
    };
    auto const row = GENERATE(values<Row>({{400, true},
                                           {401, true},
                                           {403, true},
                                           {404, true},
                                           {408, false},
                                           {413, true},
                                           {429, false},
                                           {302, false},
                                           {500, false},
                                           {503, false}}));
    INFO(row.status);
    Fixture fixture;
    ScriptedServer server([&](ScriptedRequest const&) { return ScriptedAnswer{http_answer(row.status)}; });
    auto messaging = fixture.open();
    auto const id = messaging.post(server.url(), numbered(1)).value();
    REQUIRE(messaging.post(server.url(), numbered(2)));
    auto const delivery = messaging.flush().value();
    CHECK(delivery.refused == (row.is_final ? 2U : 0U));
    CHECK(delivery.waiting == (row.is_final ? 0U : 2U));
    auto const refused = messaging.refused().value();
    REQUIRE(refused.size() == (row.is_final ? 2U : 0U));
    if (!row.is_final) return;
    CHECK(refused.front().tracking_id == id);
    CHECK(refused.front().endpoint == "MP_Test");
    CHECK(refused.front().reason.find(std::to_string(row.status)) != std::string::npos);
}

TEST_CASE("a message whose time is over is dropped, not sent") {
    Fixture fixture;
    ScriptedServer server([](ScriptedRequest const&) { return ScriptedAnswer{http_answer(200)}; });
    auto messaging = fixture.open();
    auto message = numbered(1);
    message.set_timeout(std::chrono::seconds{60});
    REQUIRE(messaging.post(server.url(), message));
    auto const kept = messaging.post(server.url(), numbered(2)).value(); // without a timeout: for ever
    fixture.now += std::chrono::seconds{60};
    auto const delivery = messaging.flush().value();
    CHECK(delivery.expired == 1);
    CHECK(delivery.delivered == 1);
    CHECK(ids_at(server) == std::vector{kept});
}

TEST_CASE("a target is due as long as a message waits for it") {
    Fixture fixture;
    Courier courier(
        Queue::open(fixture.queue()).value(), [&] { return fixture.now; }, {std::chrono::seconds{60}},
        [](Outgoing const&) -> Result<void> { return std::unexpected(Error{.code = Code::cannot_connect}); });
    QueueEntry const entry{.tracking_id = "{1}",
                           .host = nowhere,
                           .endpoint = "MP_Test",
                           .posted = test_time,
                           .expires = test_time + std::chrono::seconds{90}};
    REQUIRE(courier.queue().add(entry, {}));
    CHECK_FALSE(courier.next_retry());
    REQUIRE(courier.pass(false, true)->waiting == 1);
    CHECK(courier.next_retry() == test_time + std::chrono::seconds{60});
    REQUIRE(courier.pass(false, true)->waiting == 1); // not due: nothing changes
    CHECK(courier.next_retry() == test_time + std::chrono::seconds{60});
    fixture.now += std::chrono::seconds{90};
    REQUIRE(courier.pass(false, true)->expired == 1);
    CHECK_FALSE(courier.next_retry());
}

TEST_CASE("a damaged file is put aside, and its neighbours go on") {
    struct Row {
        std::string name;
        std::function<std::string(std::string)> damage;
    };
    auto const rows = std::to_array<Row>({
        {"empty", [](std::string const&) { return std::string(); }},
        {"cut", [](std::string text) { return text.substr(0, text.size() - 1); }},
        {"cut in the line", [](std::string text) { return text.substr(0, 40); }},
        {"another byte",
         [](std::string text) {
             text.back() ^= 1;
             return text;
         }},
        {"another version",
         [](std::string text) { return text.replace(text.find("\"version\":1"), 11, "\"version\":2"); }},
        {"another type",
         [](std::string text) { return text.replace(text.find("\"encrypt\":false"), 15, "\"encrypt\":0"); }},
        {"a port too large",
         [](std::string text) { return text.replace(text.find("\"port\":"), 7, "\"port\":99999,\"x\":"); }},
        {"no object", [](std::string text) { return "[]" + text.substr(text.find('\n')); }},
        {"a size too large",
         [](std::string text) {
             return text.replace(text.find("\"header_size\":"), 14, "\"header_size\":9");
         }},
    });
    for (auto const& row : rows) {
        INFO(row.name);
        Fixture fixture;
        ScriptedServer server([](ScriptedRequest const&) { return ScriptedAnswer{http_answer(200)}; });
        auto messaging = fixture.open();
        REQUIRE(messaging.post(server.url(), numbered(1)));
        REQUIRE(messaging.post(server.url(), numbered(2)));
        auto const file = files_in(fixture.queue()).front();
        auto const text = row.damage(test::read_text(file));
        std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
        auto const delivery = messaging.flush().value();
        CHECK(delivery.refused == 1);
        CHECK(delivery.delivered == 1);
        auto const refused = messaging.refused().value();
        REQUIRE(refused.size() == 1);
        CHECK(refused.front().reason.starts_with("storage: "));
    }
}

TEST_CASE("whatever post has returned survives a kill at any moment") {
    Fixture fixture;
    for (int round = 1; round <= 5; ++round) {
        std::array<int, 2> pipe{};
        REQUIRE(::pipe(pipe.data()) == 0);
        auto const child = in_child([&] {
            auto messaging = fixture.open();
            for (int i = 0;; ++i) {
                auto const id = messaging.post(nowhere, numbered(i)).value() + "\n";
                if (::write(pipe[1], id.data(), id.size()) < 0) return;
            }
        });
        ::close(pipe[1]);
        std::string told;
        std::array<char, 39> id{};
        for (int i = 0; i < 7 * round; ++i) {
            REQUIRE(::read(pipe[0], id.data(), id.size()) == static_cast<ssize_t>(id.size()));
            told.append(id.data(), id.size());
        }
        ::kill(child, SIGKILL);
        exit_of(child);
        for (ssize_t got = 0; (got = ::read(pipe[0], id.data(), id.size())) > 0;)
            told.append(id.data(), static_cast<std::size_t>(got));
        ::close(pipe[0]);
        std::set<std::string> queued;
        auto const messages = fixture.open().queued().value();
        for (auto const& message : messages) queued.insert(message.tracking_id);
        for (std::size_t at = 0; at + 39 <= told.size(); at += 39)
            CHECK(queued.contains(told.substr(at, 38)));
    }
    // What was being written when the process was killed is no message.
    for (auto const& file : files_in(fixture.queue())) CHECK(read_queue_file(test::read_bytes(file)));
}

TEST_CASE("two processes that post and deliver share a queue") {
    Fixture fixture;
    ScriptedServer server([](ScriptedRequest const&) { return ScriptedAnswer{http_answer(200)}; });
    static_cast<void>(fixture.open());
    constexpr int count = 25;
    auto const work = [&](std::string const& endpoint) {
        auto messaging = fixture.open();
        for (int i = 0; i < count; ++i) {
            if (!messaging.post(server.url(), numbered(i, endpoint))) throw std::runtime_error("post");
            if (i % 5 == 4 && !messaging.flush()) throw std::runtime_error("flush");
        }
    };
    auto const one = in_child([&] { work("MP_One"); });
    auto const two = in_child([&] { work("MP_Two"); });
    CHECK(exit_of(one) == 0);
    CHECK(exit_of(two) == 0);
    REQUIRE(fixture.open().flush()->waiting == 0);
    std::map<std::string, std::vector<std::string>> bodies;
    for (auto const& request : server.requests()) {
        auto decoded = wire::decode(wire::content_type, as_bytes(request.body)).value();
        auto const& envelope = std::get<wire::Envelope>(decoded);
        bodies[envelope.header.target_endpoint].push_back(std::string(as_chars(envelope.payload)));
    }
    std::vector<std::string> expected;
    for (int i = 0; i < count; ++i) {
        auto const text = wire::signed_text(fmt::format("<M>{}</M>", i));
        expected.push_back(std::string(as_chars(text)) + "\r\n");
    }
    CHECK(bodies["MP_One"] == expected);
    CHECK(bodies["MP_Two"] == expected);
}

TEST_CASE("the background delivers what is posted") {
    Fixture fixture;
    std::atomic<int> arrived = 0;
    ScriptedServer server([&](ScriptedRequest const&) {
        ++arrived;
        arrived.notify_all();
        return ScriptedAnswer{http_answer(200)};
    });
    auto messaging = Messaging::open({.queue = fixture.queue(), .now = [] { return test_time; }}).value();
    REQUIRE(messaging.post(server.url(), numbered(1)));
    REQUIRE(messaging.post(server.url(), numbered(2)));
    for (int seen = arrived; seen < 2; seen = arrived) arrived.wait(seen);
    CHECK(messaging.flush()->waiting == 0); // waits for the pass that is under way
    CHECK(ids_at(server).size() == 2);
}

TEST_CASE("closing does not wait for a server that is silent") {
    Fixture fixture;
    std::atomic<bool> asked = false;
    ScriptedServer server([&](ScriptedRequest const&) {
        asked = true;
        asked.notify_all();
        return ScriptedAnswer{"", ScriptedAnswer::Then::be_silent};
    });
    auto const start = std::chrono::steady_clock::now();
    {
        auto messaging = Messaging::open({.queue = fixture.queue(), .now = [] { return test_time; }}).value();
        REQUIRE(messaging.post(server.url(), numbered(1)));
        asked.wait(false);
    }
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{30}); // the answer's deadline is 60
    CHECK(fixture.open().queued()->size() == 1);
}

} // namespace pointman::client
