// SPDX-License-Identifier: Apache-2.0
#include "server/wire/multipart.hpp"
#include "tests/unit/wire/support.hpp"

using namespace pointman;
using namespace pointman::test;
using namespace std::string_literals;

TEST_CASE("the boundary is found in any spelling of Content-Type") {
    struct Row {
        std::string content_type;
        std::string boundary;
    };
    auto const row = GENERATE(values<Row>({
        {"multipart/mixed; boundary=\"aAbBcCdDv1234567890VxXyYzZ\"", "aAbBcCdDv1234567890VxXyYzZ"},
        {"multipart/mixed; boundary=c6155ab8839446beb1252465ae34ceb9", "c6155ab8839446beb1252465ae34ceb9"},
        {"multipart/related;boundary=x", "x"},
        {"MULTIPART/FORM-DATA ; BOUNDARY = \"x\" ", "x"},
        {"multipart/mixed; charset=utf-8; Boundary=----abc", "----abc"},
        {"multipart/mixed; note=\"boundary=wrong; x\"; boundary=right; boundary=second", "right"},
        {"multipart/mixed; boundary=\"with blank\"", "with blank"},
        {"multipart/mixed; boundary=\"quo\\\"ted\"; charset=x", "quo\"ted"},
        {"multipart/mixed; flag; boundary=x", "x"},
        {"multipart/mixed; boundary=\"unclosed", "unclosed"},
    }));
    INFO(row.content_type);
    CHECK(unwrap(wire::boundary_of(row.content_type)) == row.boundary);
}

TEST_CASE("a Content-Type without usable boundary is malformed") {
    auto const content_type =
        GENERATE(as<std::string>{}, "multipart/mixed", "text/xml; charset=utf-8", "boundary=x",
                 "multipart/mixed; boundary", "multipart/mixed; boundary=", "multipart/mixed; boundary=\"\"",
                 "multipart/mixed; xboundary=a", "multipart/mixed; boundary=\"a\tb\"",
                 "multipart/mixed; boundary=\"\xE9\"", "multipart/mixed; boundary=" + std::string(201, 'x'));
    INFO(content_type);
    auto const result = wire::boundary_of(content_type);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Code::malformed);
}

TEST_CASE("the body's first line names the boundary") {
    struct Row {
        std::string body;
        std::string boundary;
    };
    auto const row = GENERATE(values<Row>({
        {"--abc\r\nrest", "abc"},
        {"\r\n--abc\r\nrest", "abc"},
        {"--abc\nrest", "abc"},
        {"--abc \t\r\nrest", "abc"},
        {"--abc", "abc"},
    }));
    INFO(row.body);
    CHECK(unwrap(wire::boundary_from_body(as_bytes(row.body))) == row.boundary);
}

TEST_CASE("a body that names no boundary is malformed") {
    auto const body = GENERATE(as<std::string>{}, "", "\r\n", "-", "--", "--\r\nx", "<Msg/>",
                               "preamble\r\n--abc\r\n", "--" + std::string(300, 'x') + "\r\n");
    INFO(body);
    auto const result = wire::boundary_from_body(as_bytes(body));
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Code::malformed);
}

TEST_CASE("parts are split exactly") {
    struct Row {
        char const* name;
        std::string body;
        std::vector<std::string> headers;
        std::vector<std::string> contents;
    };
    auto const row = GENERATE(values<Row>({
        {"recorded layout",
         "--B\r\na: 1\r\n\r\nfirst\r\n--B\r\nb: 2\r\n\r\nsecond\r\n--B--",
         {"a: 1\r\n", "b: 2\r\n"},
         {"first", "second"}},
        {"line behind the closing delimiter", "--B\r\na: 1\r\n\r\nx\r\n--B--\r\n", {"a: 1\r\n"}, {"x"}},
        {"epilogue", "--B\r\na: 1\r\n\r\nx\r\n--B--\r\n--B\r\nignored", {"a: 1\r\n"}, {"x"}},
        {"line before the first delimiter", "\r\n--B\r\na: 1\r\n\r\nx\r\n--B--", {"a: 1\r\n"}, {"x"}},
        {"preamble of text", "for old readers --B\r\n--B\r\na: 1\r\n\r\nx\r\n--B--", {"a: 1\r\n"}, {"x"}},
        {"part without headers", "--B\r\n\r\nx\r\n--B--", {""}, {"x"}},
        {"several headers", "--B\r\nA: 1\r\nB: 2\r\n\r\nx\r\n--B--", {"A: 1\r\nB: 2\r\n"}, {"x"}},
        {"empty content", "--B\r\na: 1\r\n\r\n\r\n--B--", {"a: 1\r\n"}, {""}},
        {"empty content without empty line", "--B\r\na: 1\r\n\r\n--B--", {"a: 1\r\n"}, {""}},
        {"content keeps its own line breaks", "--B\r\n\r\n\r\nx\r\n\r\n\r\n--B--", {""}, {"\r\nx\r\n\r\n"}},
        {"content keeps a lone LF before the delimiter's line", "--B\r\n\r\nx\n\r\n--B--", {""}, {"x\n"}},
        {"content that looks like a delimiter",
         "--B\r\n\r\nx\r\n--Bx\r\n--C\r\n--\r\n--B--",
         {""},
         {"x\r\n--Bx\r\n--C\r\n--"}},
        {"LF before the dashes is content where lines end in CRLF",
         "--B\r\n\r\nx\n--B\r\ny\r\n--B--",
         {""},
         {"x\n--B\r\ny"}},
        {"blanks behind the delimiter", "--B \t\r\n\r\nx\r\n--B  \r\n\r\ny\r\n--B--", {"", ""}, {"x", "y"}},
        {"LF alone throughout",
         "--B\na: 1\n\nfirst\n--B\nb: 2\n\nsecond\n--B--\n",
         {"a: 1\n", "b: 2\n"},
         {"first", "second"}},
        {"LF alone keeps a CR of the content", "--B\n\nx\r\n--B--", {""}, {"x\r"}},
        {"header lines in LF alone", "--B\r\na: 1\n\nx\r\n--B--", {"a: 1\n"}, {"x"}},
        {"zeros in the content", "--B\r\n\r\n\0\r\0\n\0\r\n--B--"s, {""}, {"\0\r\0\n\0"s}},
    }));
    INFO(row.name);
    auto const parts = unwrap(wire::split_parts("B", as_bytes(row.body)));
    std::vector<std::string> headers;
    std::vector<std::string> contents;
    for (auto const& part : parts) {
        headers.emplace_back(part.headers);
        contents.emplace_back(as_chars(part.content));
    }
    CHECK(headers == row.headers);
    CHECK(contents == row.contents);
}

TEST_CASE("bodies that cannot be split are refused") {
    struct Row {
        char const* name;
        std::string body;
        Code code;
        char const* message;
    };
    wire::Limits const limits{.max_parts = 2, .max_part_headers = 64};
    auto const long_line = "a: " + std::string(80, 'x');
    auto const row = GENERATE_COPY(values<Row>({
        {"empty", "", Code::malformed, "no multipart delimiter in the body"},
        {"no delimiter", "<Msg/>", Code::malformed, "no multipart delimiter in the body"},
        {"delimiter inside a line", "x --B\r\n\r\n", Code::malformed, "no multipart delimiter in the body"},
        {"delimiter without line end", "--B", Code::malformed, "no multipart delimiter in the body"},
        {"another boundary", "--C\r\n\r\nx\r\n--C--", Code::malformed, "no multipart delimiter in the body"},
        {"closed at once", "--B--\r\n", Code::malformed, "multipart body without parts"},
        {"never closed", "--B\r\n\r\nx", Code::malformed, "no closing multipart delimiter"},
        {"cut in the closing delimiter", "--B\r\n\r\nx\r\n--B-", Code::malformed,
         "no closing multipart delimiter"},
        {"headers without end", "--B\r\na: 1\r\nb: 2 x\r\n--B--", Code::malformed,
         "part headers without end"},
        {"one part too many", "--B\r\n\r\n1\r\n--B\r\n\r\n2\r\n--B\r\n\r\n3\r\n--B--", Code::limit_exceeded,
         "too many parts"},
        {"one long header line", "--B\r\n" + long_line + "\r\n\r\nx\r\n--B--", Code::limit_exceeded,
         "part headers too long"},
        {"many header lines",
         "--B\r\na: 1234567890123456\r\nb: 1234567890123456\r\nc: 1234567890123456\r\n" +
             "d: 1234567890123456\r\n\r\nx\r\n--B--"s,
         Code::limit_exceeded, "part headers too long"},
    }));
    INFO(row.name);
    auto const result = wire::split_parts("B", as_bytes(row.body), limits);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == row.code);
    CHECK(result.error().message == row.message);
}
