// SPDX-License-Identifier: Apache-2.0
// What strangers may write in the packets of an upload (wire.md 10.2), and what is taken of it.
#include "server/uploads/packets.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace pointman;
using namespace pointman::uploads;

TEST_CASE("packets are known by their names, in any case", "[uploads]") {
    CHECK(packet_of("Ping") == Packet::ping);
    CHECK(packet_of("create-session") == Packet::create_session);
    CHECK(packet_of(" FRAGMENT ") == Packet::fragment);
    CHECK(packet_of("Close-Session") == Packet::close_session);
    CHECK(packet_of("cANCEL-sESSION") == Packet::cancel_session);
    for (std::string const bad : {"", "Bogus-Packet", "Ping Ping", "Create Session", "Fragment,Fragment"}) {
        CAPTURE(bad);
        CHECK_FALSE(packet_of(bad).has_value());
    }
}

TEST_CASE("the protocol of uploads is looked for in the client's list", "[uploads]") {
    std::string const ours = "{7df0354d-249b-430f-820d-3d2a9bef4931}";
    std::string const upper = "{7DF0354D-249B-430F-820D-3D2A9BEF4931}";
    std::string const other = "{00000000-0000-0000-0000-000000000001}";
    for (auto const& good :
         {ours, upper, other + " " + ours, "  " + ours + "  " + other, other + "\t" + ours}) {
        CAPTURE(good);
        CHECK(offers_upload_protocol(good));
    }
    for (auto const& bad : {std::string(), std::string("   "), other, ours.substr(1), ours + ours, ours + ";",
                            std::string("7df0354d-249b-430f-820d-3d2a9bef4931"), std::string(4096, '{')}) {
        CAPTURE(bad);
        CHECK_FALSE(offers_upload_protocol(bad));
    }
}

TEST_CASE("ranges of fragments", "[uploads]") {
    CHECK(content_range_in("bytes 0-2999/9000") == ContentRange{0, 2999, 9000});
    CHECK(content_range_in("BYTES 5999-5999/9000") == ContentRange{5999, 5999, 9000});
    CHECK(content_range_in("bytes 0-0/1")->size() == 1);
    CHECK(content_range_in("bytes 0-18446744073709551613/18446744073709551614")->size() ==
          18446744073709551614ULL);
    std::vector<std::string> const bad{
        "",
        "bytes",
        "bytes ",
        "bytes 0-2999",
        "bytes 0-2999/*",
        "bytes */9000",
        "bytes -2999/9000",
        "bytes 0-/9000",
        "bytes 0-2999/",
        "bytes 1-0/9000",    // ends before it begins
        "bytes 0-9000/9000", // beyond the file
        "bytes 0-0/0",
        "bytes +0-1/9",
        "bytes 0--1/9",
        "bytes 0x0-0x1/9",
        "bytes 0 - 1/9",
        "bytes  0-1/9",
        "bytes=0-1/9",
        "octets 0-1/9",
        "0-1/9",
        "bytes 0-1/9 bytes 0-1/9",
        "bytes 0-1/9, 2-3/9",
        "bytes 0-1/18446744073709551616", // past 64 bits
        "bytes 0-18446744073709551616/18446744073709551617",
        "bytes 0-1.0/9",
        std::string("bytes 0-1/9\0"
                    "0",
                    13),
        "bytes " + std::string(4096, '1') + "-2/3",
    };
    for (auto const& text : bad) {
        CAPTURE(text);
        CHECK_FALSE(content_range_in(text).has_value());
    }
}

TEST_CASE("a path names one message, and nothing else", "[uploads]") {
    std::string const uuid = "8d0f1df5-f375-4f8b-840e-9f532c559ca4";
    std::string const known = "8D0F1DF5-F375-4F8B-840E-9F532C559CA4";
    CHECK(message_in_path("/ccm_incoming/{" + uuid + "}") == known);
    CHECK(message_in_path("/ccm_incoming/" + uuid) == known);
    for (std::string const& bad :
         std::vector<std::string>{"",
                                  "/",
                                  "/ccm_incoming",
                                  "/ccm_incoming/",
                                  "/ccm_incoming/{}",
                                  "/ccm_incoming/{0}",
                                  "/ccm_incoming/{" + uuid,
                                  "/ccm_incoming/" + uuid + "}",
                                  "/ccm_incoming/{{" + uuid + "}}",
                                  "/ccm_incoming//{" + uuid + "}",
                                  "/ccm_incoming/{" + uuid + "}/",
                                  "/ccm_incoming/{" + uuid + "}x",
                                  "/ccm_incoming/../{" + uuid + "}",
                                  "/ccm_incoming/{" + uuid + "}/../../pointman.db",
                                  "/ccm_incoming/%7b" + uuid + "%7d",
                                  "/ccm_incoming/x/{" + uuid + "}",
                                  "/ccm_incoming/guid:" + uuid,
                                  "/ccm_system/{" + uuid + "}",
                                  "/ccm_incoming/" + std::string(36, '.'),
                                  "/ccm_incoming/{" + uuid.substr(0, 35) + "/}",
                                  "/ccm_incoming/{" + uuid.substr(0, 35) + std::string(1, '\0') + "}"}) {
        CAPTURE(bad);
        CHECK_FALSE(message_in_path(bad).has_value());
    }
}

TEST_CASE("the address that a client used, where it can stand in a URL", "[uploads]") {
    struct Row {
        std::string text;
        std::string host; ///< "" = not taken
    };
    auto const row = GENERATE(values<Row>({
        {"mp1.lab.example", "mp1.lab.example"},
        {"mp1.lab.example:8080", "mp1.lab.example"},
        {"MP_1", "MP_1"},
        {"127.0.0.1:80", "127.0.0.1"},
        {"[::1]", "[::1]"},
        {"[2001:db8::9]:8443", "[2001:db8::9]"},
        {"", ""},
        {":80", ""},
        {"mp1:", ""},
        {"mp1:0", ""},
        {"mp1:65536", ""},
        {"mp1:80:80", ""},
        {"mp1:http", ""},
        {"::1", ""},
        {"[::1", ""},
        {"[]", ""},
        {"[mp1]", ""},
        {"user@mp1", ""},
        {"mp1/x", ""},
        {"mp1?x", ""},
        {"mp1#x", ""},
        {"mp 1", ""},
        {"<mp>", ""},
        {"mp1\"", ""},
        {"m\xC3\xA9", ""},
        {"%6Dp1", ""},
    }));
    CAPTURE(row.text);
    auto const authority = authority_in(row.text);
    CHECK(authority.has_value() == !row.host.empty());
    if (authority) {
        CHECK(authority->whole == row.text);
        CHECK(authority->host == row.host);
    }
    CHECK_FALSE(authority_in(std::string(301, 'a')).has_value());
}
