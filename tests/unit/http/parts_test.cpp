// SPDX-License-Identifier: Apache-2.0
#include "server/http/answer.hpp"
#include "server/http/chunks.hpp"
#include "server/http/gate.hpp"
#include "server/http/head.hpp"
#include "server/http/throttle.hpp"

#include <boost/asio/ip/address.hpp>
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <rapidcheck.h>

using namespace pointman;
using namespace pointman::http;

TEST_CASE("Dates of HTTP") {
    struct Row {
        std::int64_t seconds;
        std::string text;
    };
    Row const rows[] = {
        {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {784111777, "Sun, 06 Nov 1994 08:49:37 GMT"},
        {951782400, "Tue, 29 Feb 2000 00:00:00 GMT"},
        {1795388399, "Sun, 22 Nov 2026 22:59:59 GMT"},
    };
    for (auto const& row : rows) CHECK(http_date(TimePoint{std::chrono::seconds{row.seconds}}) == row.text);
}

TEST_CASE("The end of a head is found however its bytes come") {
    rc::check("the same place at once and byte by byte", [] {
        auto const text = *rc::gen::container<std::string>(rc::gen::element('\r', '\n', 'a'));
        auto const at_once = find_head_end(text);
        for (std::size_t size = 0; size <= text.size(); ++size) {
            auto const end = find_head_end(std::string_view(text).substr(0, size), size == 0 ? 0 : size - 1);
            if (!end) continue;
            RC_ASSERT(at_once == end);
            return;
        }
        RC_ASSERT(!at_once);
    });
}

TEST_CASE("Any body survives chunking, however its bytes come") {
    rc::check("chunks in pieces give the body", [] {
        auto const parts = *rc::gen::container<std::vector<std::string>>(rc::gen::nonEmpty<std::string>());
        auto const piece = *rc::gen::inRange<std::size_t>(1, 9);
        std::string encoded;
        std::string plain;
        for (auto const& part : parts) {
            plain += part;
            encoded += fmt::format("{:x}\r\n{}\r\n", part.size(), part);
        }
        encoded += "0\r\n\r\n";
        auto const rest = std::string("GET / HTTP/1.1");
        auto const input = encoded + rest;

        ChunkDecoder decoder;
        Bytes body;
        std::size_t used = 0;
        std::size_t chunks = 0;
        for (std::size_t come = 0; come < input.size();) {
            come = std::min(input.size(), come + piece);
            auto event = ChunkDecoder::Event::chunk;
            while (event == ChunkDecoder::Event::chunk) {
                auto const step =
                    decoder.feed(as_bytes(std::string_view(input).substr(used, come - used)), body);
                used += step.used;
                event = step.event;
                chunks += event == ChunkDecoder::Event::chunk ? 1 : 0;
            }
            RC_ASSERT(event != ChunkDecoder::Event::bad);
            if (event == ChunkDecoder::Event::done) break;
        }
        RC_ASSERT(as_chars(body) == plain);
        RC_ASSERT(chunks == parts.size());
        RC_ASSERT(used == encoded.size());
    });
}

TEST_CASE("Extensions and trailers do not go on for ever") {
    for (auto const* const begin : {"1;", "0\r\nA: "}) {
        ChunkDecoder decoder;
        Bytes body;
        auto const text = begin + std::string(100'000, 'x');
        CHECK(decoder.feed(as_bytes(text), body).event == ChunkDecoder::Event::bad);
    }
}

TEST_CASE("Repeated warnings are counted instead of written") {
    ManualClock clock{TimePoint{std::chrono::seconds{1000}}};
    LogThrottle throttle(clock);
    for (std::uint64_t i = 0; i < log::Throttle::per_second; ++i) CHECK(throttle.pass(Event::overload) == 0);
    for (int i = 0; i < 3; ++i) CHECK(!throttle.pass(Event::overload));
    CHECK(throttle.pass(Event::malformed) == 0); // another kind has its own count
    clock.advance(std::chrono::seconds{1});
    CHECK(throttle.pass(Event::overload) == 3);
    CHECK(throttle.pass(Event::overload) == 0);
}

TEST_CASE("An IPv6 network counts as one address") {
    struct Row {
        std::string name;
        std::string first;
        std::string second;
        bool same;
    };
    Row const rows[] = {
        {"the same IPv4 address", "192.0.2.1", "192.0.2.1", true},
        {"another IPv4 address", "192.0.2.1", "192.0.2.2", false},
        {"hosts of one /64", "2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true},
        {"hosts of two /64", "2001:db8:0:1::1", "2001:db8:0:2::1", false},
        {"two mapped IPv4 addresses", "::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
    };
    for (auto const& row : rows) {
        DYNAMIC_SECTION(row.name) {
            Limits limits;
            limits.max_connections_per_address = 1;
            Counters counters;
            Gate gate(limits, counters);
            auto const first = gate.enter(row.first);
            REQUIRE(first);
            auto const second = gate.enter(row.second);
            CHECK(second.has_value() == !row.same);
        }
    }
}
