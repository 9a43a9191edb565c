// SPDX-License-Identifier: Apache-2.0
#include "base/peer_process.hpp"

#include <catch2/catch.hpp>

namespace pointman {

TEST_CASE("a process at the other end of a socket has a text, which is read back") {
    struct Row {
        std::string_view text;
        std::optional<PeerProcess> process;
    };
    auto const row = GENERATE(values<Row>({
        {"uid 0, pid 1", PeerProcess{0, 1}},
        {"uid 1000, pid 4711", PeerProcess{1000, 4711}},
        {"uid 4294967294, pid 0", PeerProcess{4294967294, 0}},
        {"uid 4294967296, pid 1", {}},
        {"uid -1, pid 1", {}},
        {"uid 0", {}},
        {"uid 0, pid ", {}},
        {"uid , pid 1", {}},
        {"uid 0, pid 1 ", {}},
        {"uid 0, pid 1, pid 2", {}},
        {"UID 0, PID 1", {}},
        {" uid 0, pid 1", {}},
        {"192.0.2.1", {}},
        {"::1", {}},
        {"", {}},
    }));
    CAPTURE(row.text);
    CHECK(PeerProcess::parse(row.text) == row.process);
    if (row.process) CHECK(row.process->text() == row.text);
}

TEST_CASE("the operator is root, or the daemon's own user") {
    struct Row {
        std::uint32_t user;
        std::uint32_t daemon;
        bool is_operator;
    };
    auto const row = GENERATE(values<Row>({
        {0, 0, true},
        {0, 998, true},
        {998, 998, true},
        {1000, 998, false},
        {1000, 0, false},
        {998, 0, false},
        // The kernel says so of everybody whom it cannot name, so it proves nobody.
        {65534, 65534, false},
        {0, 65534, true},
    }));
    CAPTURE(row.user, row.daemon);
    CHECK(PeerProcess{row.user, 1}.is_operator_of(row.daemon) == row.is_operator);
}

} // namespace pointman
