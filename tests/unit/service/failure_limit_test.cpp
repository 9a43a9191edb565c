// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"
#include "server/service/failure_limit.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace pointman;
using namespace std::chrono_literals;
using service::FailureLimit;

namespace {

struct Scene {
    ManualClock clock{parse_iso_time("2026-11-23T12:00:00Z").value()};
    FailureLimit limit;

    explicit Scene(unsigned per_minute)
        : limit(per_minute, clock) {}
    void fail(std::string_view address, int times) {
        for (int i = 0; i < times; ++i) limit.failed(address);
    }
    bool listens_to(std::string_view address) { return !limit.blocked_for(address); }
};

} // namespace

TEST_CASE("an address may fail so many times, and is then not listened to for a while") {
    Scene scene(6);
    CHECK(scene.listens_to("127.0.0.1"));
    scene.fail("127.0.0.1", 5);
    CHECK(scene.listens_to("127.0.0.1"));
    scene.fail("127.0.0.1", 1);
    CHECK(scene.limit.blocked_for("127.0.0.1") == 10s);
    CHECK(scene.limit.turned_away() == 1);

    scene.clock.advance(4s);
    CHECK(scene.limit.blocked_for("127.0.0.1") == 6s);
    scene.clock.advance(6s);
    CHECK(scene.listens_to("127.0.0.1"));
    scene.fail("127.0.0.1", 1);
    CHECK_FALSE(scene.listens_to("127.0.0.1"));
    CHECK(scene.limit.failures() == 7);

    scene.clock.advance(1min);
    scene.fail("127.0.0.1", 5);
    CHECK(scene.listens_to("127.0.0.1"));
}

TEST_CASE("more failures than the limit do not block for longer") {
    Scene scene(6);
    scene.fail("127.0.0.1", 1000);
    CHECK(scene.limit.blocked_for("127.0.0.1") == 10s);
}

TEST_CASE("other addresses are listened to, and IPv6 counts by network") {
    Scene scene(2);
    scene.fail("127.0.0.1", 2);
    scene.fail("2001:db8:1:2::1", 1);
    scene.fail("2001:db8:1:2:ffff::9", 1);
    CHECK_FALSE(scene.listens_to("127.0.0.1"));
    CHECK(scene.listens_to("127.0.0.2"));
    CHECK_FALSE(scene.listens_to("2001:db8:1:2::3"));
    CHECK(scene.listens_to("2001:db8:1:3::1"));
    CHECK(scene.listens_to("no address at all"));
}

TEST_CASE("without a limit failures are counted only") {
    Scene scene(0);
    scene.fail("127.0.0.1", 1000);
    CHECK(scene.listens_to("127.0.0.1"));
    CHECK(scene.limit.failures() == 1000);
}

TEST_CASE("a clock that is set back neither frees nor holds for longer than the limit says") {
    Scene scene(6);
    scene.fail("127.0.0.1", 6);
    scene.clock.advance(-24h);
    CHECK(scene.limit.blocked_for("127.0.0.1") == 10s);
    scene.clock.advance(10s);
    CHECK(scene.listens_to("127.0.0.1"));
}

TEST_CASE("what is remembered is bounded") {
    Scene scene(1);
    for (std::size_t i = 0; i < FailureLimit::most_addresses; ++i) {
        scene.limit.failed(fmt::format("10.{}.{}.{}", i / 65536, i / 256 % 256, i % 256));
    }
    CHECK_FALSE(scene.listens_to("10.0.0.0"));
    scene.limit.failed("192.0.2.1");
    CHECK_FALSE(scene.listens_to("192.0.2.1"));
    CHECK(scene.listens_to("10.0.0.0"));
}
