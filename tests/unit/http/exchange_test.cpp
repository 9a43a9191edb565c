// SPDX-License-Identifier: Apache-2.0
// One row per exchange: the bytes that a client sends, the answer and what becomes of the connection.
#include "tests/unit/http/harness.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using namespace pointman::test;

TEST_CASE("A simple request is answered") {
    Harness harness;
    harness.listen();
    auto client = harness.connect();
    REQUIRE(client.send("GET /SMS_MP/.sms_aut?MPLIST HTTP/1.1\r\nHost: mp\r\n\r\n"));
    auto const answer = client.read_answer();
    INFO(answer);
    CHECK(status_of(answer) == 200);
    CHECK(body_of(answer) == "GET /sms_mp/.sms_aut?MPLIST ");
}
