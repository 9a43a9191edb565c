// SPDX-License-Identifier: Apache-2.0
// Sessions one after the other: what they take, what they refuse, and what is left of them.
#include "tests/unit/uploads/desk.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <fstream>
#include <sys/stat.h>
#include <thread>

using namespace pointman;
using namespace pointman::test;
using namespace pointman::uploads;
using namespace std::chrono_literals;

namespace {

std::string const no_session = "00000000-0000-4000-8000-000000000000";

mode_t mode_of(std::filesystem::path const& path) {
    struct stat found{};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    return found.st_mode & 07777U;
}

} // namespace

TEST_CASE("an upload in fragments is there once it is closed", "[uploads]") {
    UploadDesk desk;
    SessionKey const key{desk.create(message_a), message_a};
    CHECK(desk.append(key, 0, "hello", 11).value() == 5);
    CHECK(desk.append(key, 5, " worl", 11).value() == 10);
    CHECK(desk.texts(message_a).empty());
    CHECK(desk.append(key, 10, "d", 11).value() == 11);
    CHECK(desk.texts(message_a).empty());
    CHECK(desk.sessions().close(key).has_value());
    CHECK(desk.texts(message_a) == std::vector<std::string>{"hello world"});
    CHECK(desk.texts(message_b).empty());
    CHECK(desk.sessions().close(key).has_value()); // its answer may have been lost
    CHECK(desk.append(key, 0, "h", 11).error().why == Why::unknown_session);
    CHECK(desk.sessions().cancel(key).error().why == Why::unknown_session);
    CHECK(desk.sessions().counters().bytes == 11);
    CHECK(desk.sessions().counters().finished == 1);

    CHECK(desk.names() == std::set{key.session_id});
    CHECK(mode_of(desk.files()) == 0700);
    CHECK(mode_of(desk.files() / key.session_id) == 0600);
}

TEST_CASE("a file without bytes has no fragment", "[uploads]") {
    UploadDesk desk;
    desk.upload(message_a, "");
    CHECK(desk.texts(message_a) == std::vector<std::string>{""});
}

TEST_CASE("fragments that do not follow each other", "[uploads]") {
    UploadDesk desk;
    SessionKey const key{desk.create(message_a), message_a};
    auto const early = desk.append(key, 3, "lo", 5);
    REQUIRE(early.error().why == Why::gap);
    CHECK(early.error().received == 0);
    REQUIRE(desk.append(key, 0, "hel", 5).value() == 3);
    CHECK(desk.append(key, 4, "o", 5).error().received == 3);
    // What was acknowledged stays, whatever is sent for it now.
    CHECK(desk.append(key, 0, "XY", 5).value() == 3);
    CHECK(desk.append(key, 1, "XXl", 5).value() == 4);
    CHECK(desk.append(key, 4, "o", 6).error().why == Why::bad_argument);
    CHECK(desk.sessions().close(key).error().why == Why::bad_argument);
    CHECK(desk.append(key, 4, "o", 5).value() == 5);
    REQUIRE(desk.sessions().close(key).has_value());
    CHECK(desk.texts(message_a) == std::vector<std::string>{"hello"});
}

TEST_CASE("a range must be as long as its bytes", "[uploads]") {
    UploadDesk desk;
    SessionKey const key{desk.create(message_a), message_a};
    CHECK(desk.sessions().append(key, {0, 4, 5}, as_bytes("hell")).error().why == Why::bad_argument);
    CHECK(desk.sessions().append(key, {0, 4, 5}, as_bytes("hello!")).error().why == Why::bad_argument);
    CHECK(desk.sessions().append(key, {0, 4, 5}, {}).error().why == Why::bad_argument);
    CHECK(desk.append(key, 0, "hello", 5).value() == 5);
}

TEST_CASE("a session is known by its id on its own path only", "[uploads]") {
    UploadDesk desk;
    SessionKey const key{desk.create(message_a), message_a};
    for (auto const& wrong : {SessionKey{key.session_id, message_b}, SessionKey{no_session, message_a},
                              SessionKey{message_a, message_a}, SessionKey{"", message_a}}) {
        CAPTURE(wrong.session_id);
        CHECK(desk.append(wrong, 0, "x", 1).error().why == Why::unknown_session);
        CHECK(desk.sessions().close(wrong).error().why == Why::unknown_session);
        CHECK(desk.sessions().cancel(wrong).error().why == Why::unknown_session);
    }
    CHECK(desk.names().empty());
    CHECK(desk.append(key, 0, "x", 1).value() == 1);
}

TEST_CASE("a cancelled session leaves nothing", "[uploads]") {
    UploadDesk desk;
    SessionKey const key{desk.create(message_a), message_a};
    REQUIRE(desk.append(key, 0, std::string(1000, 'x'), 1000).has_value());
    CHECK(desk.sessions().cancel(key).has_value());
    CHECK(desk.names().empty());
    CHECK(desk.append(key, 0, "x", 1000).error().why == Why::unknown_session);
    CHECK(desk.sessions().cancel(key).error().why == Why::unknown_session);
    CHECK(desk.sessions().counters().cancelled == 1);
}

TEST_CASE("limits of uploads", "[uploads]") {
    UploadDesk desk;
    SECTION("one upload") {
        SessionKey const key{desk.create(message_a), message_a};
        CHECK(desk.append(key, 0, "x", 1001).error().why == Why::too_large);
        CHECK(desk.append(key, 0, "x", 1000).value() == 1);
        desk.settings.limits.max_in_flight = 1999; // of which half may be one upload
        CHECK(desk.append(key, 1, "x", 1000).error().why == Why::too_large);
    }
    SECTION("all bytes that were announced, until they are used or given up") {
        std::vector<SessionKey> keys;
        for (int i = 0; i < 3; ++i) keys.push_back({desk.create(message_a), message_a});
        CHECK(desk.append(keys[0], 0, "x", 1000).has_value());
        CHECK(desk.append(keys[1], 0, "x", 1000).has_value());
        CHECK(desk.append(keys[2], 0, "x", 501).error().why == Why::no_room);
        CHECK(desk.append(keys[2], 0, "x", 500).has_value());
        CHECK(desk.append(keys[1], 1, "x", 1000).has_value()); // has its place
        REQUIRE(desk.sessions().cancel(keys[0]).has_value());
        CHECK(desk.append({desk.create(message_b), message_b}, 0, "x", 1000).has_value());
    }
    SECTION("sessions of an address, and of all") {
        for (int i = 0; i < 3; ++i) desk.create(message_a, "2001:db8:1:2::9");
        // The same /64.
        CHECK(desk.sessions().create(message_a, "2001:db8:1:2::10").error().why == Why::no_room);
        desk.create(message_a, "192.0.2.1");
        CHECK(desk.sessions().create(message_a, "192.0.2.2").error().why == Why::no_room);
        desk.clock.advance(1h);
        CHECK(desk.sessions().sweep().value() == 4); // empty ones do not keep others out for long
        desk.create(message_a, "192.0.2.2");
    }
}

TEST_CASE("sessions and uploads expire", "[uploads]") {
    UploadDesk desk;
    SessionKey const empty{desk.create(message_a), message_a};
    SessionKey const begun{desk.create(message_a), message_a};
    REQUIRE(desk.append(begun, 0, "x", 2).has_value());
    auto const finished = desk.upload(message_a, "hello");
    CHECK(desk.names() == std::set{begun.session_id, finished.session_id});

    desk.clock.advance(59min);
    CHECK(desk.sessions().sweep().value() == 0);
    desk.clock.advance(1min);
    CHECK(desk.append(empty, 0, "x", 1).error().why == Why::unknown_session); // before anything is removed
    CHECK(desk.sessions().sweep().value() == 1);
    desk.clock.advance(47h);
    CHECK(desk.texts(message_a).empty());
    CHECK(desk.sessions().sweep().value() == 1);
    CHECK(desk.names() == std::set{begun.session_id});
    CHECK(desk.append(begun, 0, "x", 2).value() == 1); // says nothing new, so it counts for nothing
    desk.clock.advance(24h * 5);
    CHECK(desk.sessions().close(begun).error().why == Why::unknown_session);
    CHECK(desk.sessions().sweep().value() == 1);
    CHECK(desk.names().empty());
    CHECK(desk.sessions().counters().expired == 3);
}

TEST_CASE("each fragment gives a session its whole time anew", "[uploads]") {
    UploadDesk desk;
    SessionKey const key{desk.create(message_a), message_a};
    for (std::uint64_t i = 0; i < 3; ++i) {
        REQUIRE(desk.append(key, i, "x", 3).has_value());
        desk.clock.advance(24h * 6);
        CHECK(desk.sessions().sweep().value() == 0);
    }
    CHECK(desk.sessions().close(key).has_value());
}

TEST_CASE("the sweep removes files that belong to no session", "[uploads]") {
    UploadDesk desk;
    auto const kept = desk.upload(message_a, "hello");
    std::ofstream(desk.files() / no_session) << "left behind";
    std::ofstream(desk.files() / "stranger") << "left behind";
    CHECK(desk.sessions().sweep().value() == 0);
    CHECK(desk.names() == std::set{kept.session_id});
}

TEST_CASE("several uploads for one message: the sender's own first, then the newest", "[uploads]") {
    UploadDesk desk;
    desk.settings.uploads.max_sessions = 10;
    for (std::string const text : {"1", "2", "3"}) {
        desk.upload(message_a, text, "192.0.2." + text);
        desk.clock.advance(1s);
    }
    using Texts = std::vector<std::string>;
    CHECK(desk.texts(message_a, "192.0.2.1") == Texts{"1", "3", "2"});
    CHECK(desk.texts(message_a, "192.0.2.9") == Texts{"3", "2", "1"});
    for (int i = 4; i < 9; ++i) desk.upload(message_a, "later", "192.0.2." + std::to_string(i));
    CHECK(desk.texts(message_a, "192.0.2.1").size() == 4);
    CHECK(desk.texts(message_a, "192.0.2.1").front() == "1");
}

TEST_CASE("a used upload is gone, and its request is remembered for a while", "[uploads]") {
    UploadDesk desk;
    desk.upload(message_a, "hello");
    auto const upload = desk.sessions().finished(message_a, "192.0.2.1").value().at(0);
    CHECK_FALSE(desk.sessions().was_used(message_a, "AB").value());
    for (int i = 0; i < 2; ++i) REQUIRE(desk.sessions().use_up(upload, "AB").has_value());
    CHECK(desk.texts(message_a).empty());
    CHECK(desk.names().empty());
    CHECK(desk.sessions().counters().used == 1);
    CHECK(desk.sessions().was_used(message_a, "AB").value());
    CHECK_FALSE(desk.sessions().was_used(message_a, "AC").value());
    CHECK_FALSE(desk.sessions().was_used(message_b, "AB").value());
    desk.clock.advance(24h * 30);
    REQUIRE(desk.sessions().sweep().value() == 0);
    CHECK_FALSE(desk.sessions().was_used(message_a, "AB").value());

    desk.upload(message_b, "refused");
    auto const refused = desk.sessions().finished(message_b, "192.0.2.1").value().at(0);
    REQUIRE(desk.sessions().use_up(refused, "").has_value());
    CHECK(desk.texts(message_b).empty());
    CHECK_FALSE(desk.sessions().was_used(message_b, "").value());
}

TEST_CASE("where the disk is full nothing is acknowledged, and the client can repeat", "[uploads]") {
    UploadDesk desk;
    SessionKey const key{desk.create(message_a), message_a};
    REQUIRE(desk.append(key, 0, "hel", 5).has_value());
    auto const file = desk.files() / key.session_id;
    auto const aside = desk.files() / "aside";
    std::filesystem::rename(file, aside);
    std::filesystem::create_symlink("/dev/full", file);
    CHECK(desk.append(key, 3, "lo", 5).error().why == Why::disk_full);
    CHECK(desk.append(key, 4, "o", 5).error().received == 3);
    std::filesystem::rename(aside, file);
    CHECK(desk.append(key, 3, "lo", 5).value() == 5);
    REQUIRE(desk.sessions().close(key).has_value());
    CHECK(desk.texts(message_a) == std::vector<std::string>{"hello"});
}

TEST_CASE("a file that somebody took away", "[uploads]") {
    UploadDesk desk;
    SessionKey const begun{desk.create(message_a), message_a};
    REQUIRE(desk.append(begun, 0, "hel", 5).has_value());
    std::filesystem::remove(desk.files() / begun.session_id);
    CHECK(desk.append(begun, 3, "lo", 5).error().why == Why::unknown_session);

    auto const finished = desk.upload(message_b, "hello");
    std::filesystem::resize_file(desk.files() / finished.session_id, 4);
    auto const upload = desk.sessions().finished(message_b, "192.0.2.1").value().at(0);
    CHECK(desk.sessions().read(upload).error().code == Code::io);
}

TEST_CASE("fragments of one session that cross each other", "[uploads]") {
    UploadDesk desk;
    std::string text;
    for (int i = 0; i < 1000; ++i) text += static_cast<char>('a' + i % 26);
    SessionKey const key{desk.create(message_a), message_a};
    // Each sends all of the file, in steps of its own, and goes back where it is told to.
    auto const send = [&](std::uint64_t step) {
        std::uint64_t at = 0;
        for (int i = 0; at < text.size() && i < 10'000; ++i) {
            auto const next = desk.append(key, at, std::string_view(text).substr(at, step), text.size());
            at = next ? *next : next.error().received;
        }
    };
    {
        std::vector<std::jthread> threads;
        for (std::uint64_t const step : {70U, 110U, 333U, 1000U}) threads.emplace_back(send, step);
    }
    REQUIRE(desk.sessions().close(key).has_value());
    CHECK(desk.texts(message_a) == std::vector<std::string>{text});
}
