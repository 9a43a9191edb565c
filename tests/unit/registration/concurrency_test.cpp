// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/registration/desk.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <thread>

using namespace pointman;
using namespace pointman::test;

namespace {

/// The answers to these bodies, each submitted by a thread of its own.
std::vector<Answered> at_once(Desk& desk, std::vector<std::string> const& bodies) {
    std::vector<Answered> answers(bodies.size());
    {
        std::vector<std::jthread> threads;
        threads.reserve(bodies.size());
        for (std::size_t i = 0; i < bodies.size(); ++i) {
            threads.emplace_back([&desk, &bodies, &answers, i] { answers[i] = desk.submit(bodies[i]); });
        }
    }
    return answers;
}

} // namespace

TEST_CASE("one key that registers many times at once is one client") {
    Desk desk;
    std::vector<std::string> bodies;
    for (int i = 0; i < 16; ++i) {
        auto request = registration_of(test_key(0), "LABPC" + std::to_string(i));
        if (i % 3 == 1) request.smsid = ClientId::random().text();
        bodies.push_back(signed_request(test_key(0), request));
    }
    std::set<std::string> ids;
    for (auto const& answer : at_once(desk, bodies)) {
        CHECK(answer.status == 0);
        ids.insert(answer.smsid);
    }
    CHECK(ids.size() == 1);
    CHECK(desk.clients().size() == 1);
}

TEST_CASE("many keys that ask for one SMSID at once") {
    Desk desk;
    auto const wanted = ClientId::random().text();
    std::vector<std::string> bodies;
    for (std::size_t i = 0; i < 8; ++i) {
        auto request = registration_of(test_key(i), "LABPC" + std::to_string(i));
        request.smsid = wanted;
        bodies.push_back(signed_request(test_key(i), request));
    }
    std::set<std::string> ids;
    for (auto const& answer : at_once(desk, bodies)) {
        CHECK(answer.status == 0);
        ids.insert(answer.smsid);
    }
    CHECK(ids.size() == 8);
    CHECK(ids.contains(wanted));
    CHECK(desk.client(wanted)->conflicts.size() == 7);
}
