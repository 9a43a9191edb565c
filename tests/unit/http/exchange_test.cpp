// SPDX-License-Identifier: Apache-2.0
// One row per exchange: the bytes that a client sends, the answer and what becomes of the connection.
#include "tests/unit/http/harness.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace pointman;
using namespace pointman::test;

namespace {

enum class After { stays, closes };

struct Row {
    std::string name;
    std::string bytes;
    int status;
    std::string body;
    After after;
};

std::string request(std::string_view line, std::string_view headers = "", std::string_view body = "") {
    return fmt::format("{}\r\nHost: mp\r\n{}\r\n{}", line, headers, body);
}

Row const rows[] = {
    // Targets (wire.md 1)
    {"path and query", request("GET /SMS_MP/.sms_aut?MPLIST HTTP/1.1"), 200, "GET /sms_mp/.sms_aut?MPLIST ",
     After::stays},
    {"absolute form",
     request("CCM_POST http://other.host/ccm_system/request HTTP/1.1", "Content-Length: 2\r\n", "ab"), 200,
     "CCM_POST /ccm_system/request ab", After::stays},
    {"absolute form, scheme in capitals, port", request("GET HTTP://h:80/A?b HTTP/1.1"), 200, "GET /a?b ",
     After::stays},
    {"absolute form without a path", request("GET http://h HTTP/1.1"), 200, "GET / ", After::stays},
    {"absolute form with a query only", request("GET http://h?x HTTP/1.1"), 200, "GET /?x ", After::stays},
    {"asterisk form", request("OPTIONS * HTTP/1.1"), 200, "OPTIONS * ", After::stays},
    {"percent-encoded braces", request("BITS_POST /CCM_Incoming/%7BAB%7d HTTP/1.1", "Content-Length: 0\r\n"),
     200, "BITS_POST /ccm_incoming/{ab} ", After::stays},
    {"query is kept as sent", request("GET /a?B%41=%zz HTTP/1.1"), 200, "GET /a?B%41=%zz ", After::stays},
    {"bad percent encoding", request("GET /a%G1 HTTP/1.1"), 400, "", After::closes},
    {"cut percent encoding", request("GET /a%4 HTTP/1.1"), 400, "", After::closes},
    {"percent at the end", request("GET /a% HTTP/1.1"), 400, "", After::closes},
    {"NUL in the path", request("GET /a%00b HTTP/1.1"), 400, "", After::closes},
    {"line feed in the path", request("GET /a%0Ab HTTP/1.1"), 400, "", After::closes},
    {"DEL in the path", request("GET /a%7Fb HTTP/1.1"), 400, "", After::closes},
    {"authority form", request("CONNECT host:443 HTTP/1.1"), 400, "", After::closes},
    {"relative target", request("GET a/b HTTP/1.1"), 400, "", After::closes},

    // Methods
    {"PROPFIND", request("PROPFIND /SMS_DP_SMSPKG$/X HTTP/1.1"), 200, "PROPFIND /sms_dp_smspkg$/x ",
     After::stays},
    {"a method that nobody knows", request("FROB-1 / HTTP/1.1"), 200, "FROB-1 / ", After::stays},
    {"bad character in the method", request("GE(T / HTTP/1.1"), 400, "", After::closes},

    // Versions and connections
    {"HTTP/1.0 closes", "GET / HTTP/1.0\r\n\r\n", 200, "GET / ", After::closes},
    {"HTTP/1.0 with keep-alive", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, "GET / ",
     After::stays},
    {"HTTP/2.0", "GET / HTTP/2.0\r\n\r\n", 400, "", After::closes},
    {"HTTP/1.2", "GET / HTTP/1.2\r\n\r\n", 400, "", After::closes},
    {"no version", "GET /\r\n\r\n", 400, "", After::closes},
    {"Connection: close", request("GET / HTTP/1.1", "Connection: close\r\n"), 200, "GET / ", After::closes},
    {"connection: CLOSE", request("GET / HTTP/1.1", "connection: CLOSE\r\n"), 200, "GET / ", After::closes},
    {"no Host", "GET / HTTP/1.1\r\n\r\n", 200, "GET / ", After::stays},
    {"two Hosts", request("GET / HTTP/1.1", "Host: other\r\n"), 400, "", After::closes},
    {"an empty line before the request", "\r\n\r\nGET / HTTP/1.1\r\n\r\n", 200, "GET / ", After::stays},

    // Headers
    {"empty User-Agent", request("GET / HTTP/1.1", "User-Agent:\r\n"), 200, "GET / ", After::stays},
    {"space before the colon", request("GET / HTTP/1.1", "A : b\r\n"), 400, "", After::closes},
    {"header without a colon", request("GET / HTTP/1.1", "nonsense\r\n"), 400, "", After::closes},
    {"NUL in a value", request("GET / HTTP/1.1", std::string_view("A: b\0c\r\n", 8)), 400, "", After::closes},
    {"bare line feeds", "GET / HTTP/1.1\nHost: mp\n\n", 400, "", After::closes},
    {"a bare line feed at the end", "GET / HTTP/1.1\r\nHost: mp\r\n\n", 400, "", After::closes},
    {"a bare line feed between headers", "GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", 400, "", After::closes},
    {"TLS on the plain port", std::string("\x16\x03\x01\x02\x00\x01\x00", 7), 400, "", After::closes},

    // Framing
    {"body by length", request("POST /p HTTP/1.1", "Content-Length: 5\r\n", "12345"), 200, "POST /p 12345",
     After::stays},
    {"length 0", request("GET / HTTP/1.1", "Content-Length: 0\r\n"), 200, "GET / ", After::stays},
    {"negative length", request("POST / HTTP/1.1", "Content-Length: -1\r\n"), 400, "", After::closes},
    {"signed length", request("POST / HTTP/1.1", "Content-Length: +1\r\n", "a"), 400, "", After::closes},
    {"length is no number", request("POST / HTTP/1.1", "Content-Length: 1x\r\n", "a"), 400, "",
     After::closes},
    {"hexadecimal length", request("POST / HTTP/1.1", "Content-Length: 0x1\r\n", "a"), 400, "",
     After::closes},
    {"empty length", request("POST / HTTP/1.1", "Content-Length:\r\n"), 400, "", After::closes},
    {"length over 64 bits", request("POST / HTTP/1.1", "Content-Length: 18446744073709551617\r\n"), 400, "",
     After::closes},
    {"the same length twice", request("POST / HTTP/1.1", "Content-Length: 1\r\nContent-Length: 1\r\n", "a"),
     400, "", After::closes},
    {"two lengths", request("POST / HTTP/1.1", "Content-Length: 1\r\nContent-Length: 2\r\n", "ab"), 400, "",
     After::closes},
    {"list of lengths", request("POST / HTTP/1.1", "Content-Length: 1, 1\r\n", "a"), 400, "", After::closes},
    {"length and chunks",
     request("POST / HTTP/1.1", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400, "",
     After::closes},
    {"chunks and length",
     request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"), 400, "",
     After::closes},
    {"chunks twice",
     request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
     400, "", After::closes},
    {"another coding", request("POST / HTTP/1.1", "Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501,
     "", After::closes},
    {"identity", request("POST / HTTP/1.1", "Transfer-Encoding: identity\r\n"), 501, "", After::closes},
    {"disguised chunked", request("POST / HTTP/1.1", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 501, "",
     After::closes},
    {"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "",
     After::closes},
    {"chunks",
     request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n",
             "3\r\nabc\r\n0A\r\n0123456789\r\n0\r\n\r\n"),
     200, "POST / abc0123456789", After::stays},
    {"no chunk but the last", request("POST / HTTP/1.1", "transfer-encoding: Chunked\r\n", "0\r\n\r\n"), 200,
     "POST / ", After::stays},
    {"extension and trailer",
     request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n",
             "1;a=\"b\"\r\nx\r\n0;z\r\nContent-Length: 9\r\n\r\n"),
     200, "POST / x", After::stays},
    {"chunk size is no number", request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n", "g\r\n"), 400,
     "", After::closes},
    {"chunk size with 0x",
     request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n", "0x1\r\na\r\n0\r\n\r\n"), 400, "",
     After::closes},
    {"empty chunk size", request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n", "\r\n"), 400, "",
     After::closes},
    {"chunk size over 60 bits",
     request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n", "1000000000000000\r\n"), 400, "",
     After::closes},
    {"chunk without its line end",
     request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n", "1\r\nab\r\n"), 400, "", After::closes},
    {"chunk size ended by a bare line feed",
     request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n", "1\na\r\n"), 400, "", After::closes},
    {"bare line feed in an extension",
     request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n", "1;\n2\r\na\r\n"), 400, "", After::closes},

    // Limits
    {"length over what is admitted", request("POST / HTTP/1.1", "Content-Length: 1000001\r\n"), 413, "",
     After::closes},
    {"chunk over what is admitted", request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n", "F4241\r\n"),
     413, "", After::closes},
    {"over-long head", request("GET / HTTP/1.1", "A: " + std::string(70000, 'a') + "\r\n"), 431, "",
     After::closes},
    {"over-long request line", "GET /" + std::string(70000, 'a'), 431, "", After::closes},
};

/// Whether another request on the connection is answered. Where the server was to close, that it did.
void check_connection(Client& client, After after) {
    if (after == After::closes) {
        CHECK(client.at_end());
        return;
    }
    REQUIRE(client.send("GET /again HTTP/1.1\r\n\r\n"));
    CHECK(body_of(client.read_answer()) == "GET /again ");
}

void check(Row const& row, Client& client) {
    auto const answer = client.read_answer();
    INFO(answer);
    CHECK(status_of(answer) == row.status);
    CHECK(body_of(answer) == row.body);
    CHECK(header_of(answer, "Content-Length") == std::to_string(row.body.size()));
    CHECK(header_of(answer, "Date") == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(header_of(answer, "Server") == "Pointman");
    // A server that closes must say so (wire.md 2).
    CHECK((header_of(answer, "Connection") == "close") == (row.after == After::closes));
    check_connection(client, row.after);
}

} // namespace

TEST_CASE("Exchanges, each in one piece") {
    Harness harness;
    harness.listen();
    for (auto const& row : rows) {
        DYNAMIC_SECTION(row.name) {
            auto client = harness.connect();
            REQUIRE(client.send(row.bytes));
            check(row, client);
        }
    }
}

TEST_CASE("Exchanges, byte by byte") {
    Harness harness;
    harness.listen();
    for (auto const& row : rows) {
        if (row.bytes.size() > 1000) continue;
        DYNAMIC_SECTION(row.name) {
            auto client = harness.connect();
            for (char const c : row.bytes) {
                if (!client.send({&c, 1})) break; // refused before its end
            }
            check(row, client);
        }
    }
}

TEST_CASE("Counters tell refusals apart") {
    struct Case {
        std::string name;
        std::string bytes;
        std::atomic<std::uint64_t> http::Counters::*counter;
    };
    Case const cases[] = {
        {"malformed head", "GET / HTTP/9.9\r\n\r\n", &http::Counters::malformed},
        {"malformed chunk", request("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n", "z"),
         &http::Counters::malformed},
        {"413", request("POST / HTTP/1.1", "Content-Length: 1000001\r\n"), &http::Counters::too_large},
        {"431", request("GET / HTTP/1.1", "A: " + std::string(70000, 'a') + "\r\n"),
         &http::Counters::too_large},
    };
    for (auto const& one : cases) {
        DYNAMIC_SECTION(one.name) {
            Harness harness;
            harness.listen();
            auto client = harness.connect();
            REQUIRE(client.send(one.bytes));
            client.shutdown_send();
            CHECK(status_of(client.read_all()) >= 400);
            CHECK(harness.counters().*one.counter == 1);
            CHECK(harness.counters().accepted == 1);
            CHECK(harness.reaches(harness.counters().open, 0));
        }
    }
}

TEST_CASE("Pipelined requests are answered in their order") {
    Harness harness;
    harness.listen();
    auto client = harness.connect();
    REQUIRE(client.send("POST /1 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
                        "POST /2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n"
                        "GET /3 HTTP/1.1\r\nConnection: close\r\n\r\n"
                        "GET /never HTTP/1.1\r\n\r\n"));
    CHECK(body_of(client.read_answer()) == "POST /1 abc");
    CHECK(body_of(client.read_answer()) == "POST /2 de");
    CHECK(body_of(client.read_answer()) == "GET /3 ");
    CHECK(client.at_end());
    CHECK(harness.counters().requests == 3);
}

TEST_CASE("HEAD is answered like GET, without the body") {
    Harness harness;
    harness.listen();
    auto client = harness.connect();
    REQUIRE(client.send("HEAD /file HTTP/1.1\r\n\r\nGET /next HTTP/1.1\r\n\r\n"));
    auto const answer = client.read_answer(true);
    CHECK(status_of(answer) == 200);
    CHECK(header_of(answer, "Content-Length") == "11");
    CHECK(header_of(answer, "Content-Type") == "text/plain");
    CHECK(body_of(client.read_answer()) == "GET /next ");
}

TEST_CASE("HTTP/1.0 is told that the connection stays") {
    Harness harness;
    harness.listen();
    auto client = harness.connect();
    REQUIRE(client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    CHECK(header_of(client.read_answer(), "Connection") == "keep-alive");
}

TEST_CASE("A request arrives with names in lower case and what the connection knows") {
    Harness harness({}, [](http::Request const& request) -> boost::asio::awaitable<http::Response> {
        auto& count = *request.connection_state;
        count = count.has_value() ? std::any_cast<int>(count) + 1 : 1;
        http::Response response;
        response.body = to_bytes(fmt::format("{}|{}|{}|{}|{}|{}", request.header("authorization"),
                                             request.header("x-twice"), request.header("absent"),
                                             request.peer, request.tls, std::any_cast<int>(count)));
        response.headers.emplace_back("X-Id", request.id);
        co_return response;
    });
    harness.listen();
    auto client = harness.connect();
    std::string const bytes = "GET / HTTP/1.1\r\nAUTHORIZATION:  NTLM x \r\nX-Twice: a\r\nx-twice: b\r\n\r\n";
    REQUIRE(client.send(bytes));
    auto const first = client.read_answer();
    CHECK(body_of(first) == "NTLM x|a||127.0.0.1|false|1");
    REQUIRE(client.send(bytes));
    auto const second = client.read_answer();
    CHECK(body_of(second) == "NTLM x|a||127.0.0.1|false|2");
    CHECK(header_of(first, "X-Id") != header_of(second, "X-Id"));
    // The state belongs to the connection.
    auto other = harness.connect();
    REQUIRE(other.send(bytes));
    CHECK(body_of(other.read_answer()).ends_with("|1"));
}

TEST_CASE("What the handler says about the connection") {
    struct Case {
        std::string name;
        http::Response response;
        std::string ask;
        bool stays;
    };
    Case const cases[] = {
        {"a 401 of a handshake keeps it",
         {.status = 401, .headers = {}, .body = {}, .keep_open = true},
         "close",
         true},
        {"close closes it", {.status = 200, .headers = {}, .body = {}, .close = true}, "keep-alive", false},
        {"close weighs more",
         {.status = 401, .headers = {}, .body = {}, .close = true, .keep_open = true},
         "close",
         false},
        {"nothing: what the client asks for", {}, "close", false},
    };
    for (auto const& one : cases) {
        DYNAMIC_SECTION(one.name) {
            auto const response = one.response;
            Harness harness({}, [response](http::Request const&) -> boost::asio::awaitable<http::Response> {
                co_return response;
            });
            harness.listen();
            auto client = harness.connect();
            auto const bytes = "GET / HTTP/1.1\r\nConnection: " + one.ask + "\r\n\r\n";
            REQUIRE(client.send(bytes));
            auto const answer = client.read_answer();
            CHECK(status_of(answer) == static_cast<int>(response.status));
            CHECK(header_of(answer, "Content-Length") == "0");
            CHECK(header_of(answer, "Connection") == (one.stays ? "(absent)" : "close"));
            if (!one.stays) {
                CHECK(client.at_end());
            } else {
                REQUIRE(client.send(bytes));
                CHECK(status_of(client.read_answer()) == static_cast<int>(response.status));
            }
        }
    }
}

TEST_CASE("Headers of an answer cannot forge others") {
    Harness harness({}, [](http::Request const&) -> boost::asio::awaitable<http::Response> {
        http::Response response;
        response.headers.emplace_back("X-Bad", "a\r\nSet-Cookie: b");
        response.headers.emplace_back("X Bad", "a");
        response.headers.emplace_back("Content-Length", "77");
        response.headers.emplace_back("Date", "now");
        response.headers.emplace_back("WWW-Authenticate", "Negotiate");
        response.headers.emplace_back("WWW-Authenticate", "NTLM");
        response.body = to_bytes("x");
        co_return response;
    });
    harness.listen();
    auto client = harness.connect();
    REQUIRE(client.send("GET / HTTP/1.1\r\n\r\n"));
    CHECK(client.read_answer() ==
          "HTTP/1.1 200 OK\r\nServer: Pointman\r\nDate: now\r\nWWW-Authenticate: Negotiate\r\n"
          "WWW-Authenticate: NTLM\r\nContent-Length: 1\r\n\r\nx");
}

TEST_CASE("A handler that throws gives 500 and the server lives") {
    Harness harness({}, [](http::Request const& request) -> boost::asio::awaitable<http::Response> {
        if (request.path == "/bad") throw std::runtime_error("broken");
        if (request.path == "/odd") throw 7;
        http::Response response;
        if (request.path == "/status") response.status = 42;
        co_return response;
    });
    harness.listen();
    for (auto const* const path : {"/bad", "/odd", "/status"}) {
        auto client = harness.connect();
        REQUIRE(client.send(fmt::format("GET {} HTTP/1.1\r\n\r\n", path)));
        auto const answer = client.read_answer();
        CHECK(status_of(answer) == 500);
        CHECK(header_of(answer, "Connection") == "close");
        CHECK(client.at_end());
    }
    auto client = harness.connect();
    REQUIRE(client.send("GET /good HTTP/1.1\r\n\r\n"));
    CHECK(status_of(client.read_answer()) == 200);
}

TEST_CASE("Expect: 100-continue") {
    auto const admit = [](http::Head const& head) {
        http::Admission admission{.max_body = 10};
        if (head.path == "/no") {
            admission.refuse_status = 405;
            admission.refuse_headers = {{"Allow", "GET"}};
            admission.refuse_body = "not here";
        }
        return admission;
    };
    Harness harness({}, {}, admit);
    harness.listen();
    auto client = harness.connect();

    SECTION("is answered once the body is wanted") {
        REQUIRE(client.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
        CHECK(client.read_some(25) == "HTTP/1.1 100 Continue\r\n\r\n");
        REQUIRE(client.send("ab"));
        CHECK(body_of(client.read_answer()) == "POST / ab");
    }
    SECTION("works with chunks") {
        REQUIRE(client.send("POST / HTTP/1.1\r\nExpect: 100-Continue\r\nTransfer-Encoding: chunked\r\n\r\n"));
        CHECK(client.read_some(25) == "HTTP/1.1 100 Continue\r\n\r\n");
        REQUIRE(client.send("1\r\na\r\n0\r\n\r\n"));
        CHECK(body_of(client.read_answer()) == "POST / a");
    }
    SECTION("needs no answer where the body is there already") {
        REQUIRE(client.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab"));
        CHECK(status_of(client.read_answer()) == 200);
    }
    SECTION("is not understood by HTTP/1.0") {
        REQUIRE(client.send("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
        REQUIRE(client.send("ab"));
        CHECK(status_of(client.read_answer()) == 200);
    }
    SECTION("is refused where the body is too large") {
        REQUIRE(client.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n"));
        CHECK(status_of(client.read_answer()) == 413);
        client.shutdown_send();
        CHECK(client.at_end());
    }
    SECTION("is refused where the request is") {
        REQUIRE(client.send("POST /no HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
        auto const answer = client.read_answer();
        CHECK(status_of(answer) == 405);
        CHECK(header_of(answer, "Allow") == "GET");
        CHECK(header_of(answer, "Connection") == "close");
        CHECK(body_of(answer) == "not here");
        client.shutdown_send();
        CHECK(client.at_end());
    }
    SECTION("a refused request without a body leaves the connection open") {
        REQUIRE(client.send("GET /no HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n"));
        CHECK(status_of(client.read_answer()) == 405);
        CHECK(status_of(client.read_answer()) == 200);
    }
    SECTION("a body over several chunks that is too large in the end") {
        REQUIRE(client.send(
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n123456789\r\n2\r\n12\r\n0\r\n\r\n"));
        CHECK(status_of(client.read_answer()) == 413);
        CHECK(client.at_end());
        CHECK(harness.counters().in_flight == 0);
    }
}

TEST_CASE("Statuses without a body have no Content-Length") {
    Harness harness({}, [](http::Request const&) -> boost::asio::awaitable<http::Response> {
        http::Response response;
        response.status = 204;
        co_return response;
    });
    harness.listen();
    auto client = harness.connect();
    REQUIRE(client.send("GET / HTTP/1.1\r\n\r\n"));
    auto const answer = client.read_answer();
    CHECK(status_of(answer) == 204);
    CHECK(header_of(answer, "Content-Length") == "(absent)");
}
