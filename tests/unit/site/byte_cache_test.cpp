// SPDX-License-Identifier: Apache-2.0
#include "server/site/byte_cache.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <list>

using namespace pointman;
using site::ByteCache;

TEST_CASE("what was asked for longest ago goes first") {
    ByteCache cache(40);
    for (auto const* name : {"a", "b", "c", "d"}) cache.keep(name, Bytes(10));
    CHECK(cache.bytes() == 40);
    REQUIRE(cache.find("a"));
    cache.keep("e", Bytes(10));
    CHECK(cache.find("a"));
    CHECK_FALSE(cache.find("b"));
    CHECK(cache.find("e"));
    CHECK(cache.bytes() == 40);
}

TEST_CASE("the first bytes of a name stay") {
    ByteCache cache(100);
    auto const first = cache.keep("a", Bytes(3));
    CHECK(cache.keep("a", Bytes(5)) == first);
    CHECK(cache.find("a") == first);
    CHECK(cache.bytes() == 3);
}

TEST_CASE("what is larger than a quarter of it is not kept, and given back all the same") {
    ByteCache cache(40);
    auto const large = cache.keep("a", Bytes(11));
    REQUIRE(large);
    CHECK(large->size() == 11);
    CHECK_FALSE(cache.find("a"));
    CHECK(cache.bytes() == 0);
}

TEST_CASE("a cache is a list of names by use that fits") {
    bool const held = rc::check("cache", [](std::vector<std::pair<unsigned char, bool>> const& steps) {
        constexpr std::size_t room = 64;
        ByteCache cache(room);
        std::list<std::pair<std::string, std::size_t>> model; // the latest used first
        for (auto const& [number, keeps] : steps) {
            std::string const name(1, static_cast<char>('a' + number % 12));
            std::size_t const size = 1 + number % 16;
            auto const known = std::ranges::find(model, name, &std::pair<std::string, std::size_t>::first);
            bool const is_known = known != model.end();
            if (keeps) {
                auto const kept = cache.keep(name, Bytes(size));
                RC_ASSERT(kept->size() == (is_known ? known->second : size));
                if (!is_known) model.emplace_front(name, size);
            } else {
                auto const found = cache.find(name);
                RC_ASSERT((found != nullptr) == is_known);
                if (is_known) model.splice(model.begin(), model, known);
            }
            auto const sum = [&model] {
                std::size_t bytes = 0;
                for (auto const& each : model) bytes += each.second;
                return bytes;
            };
            while (sum() > room) model.pop_back();
            RC_ASSERT(cache.bytes() == sum());
        }
    });
    CHECK(held);
}
