// SPDX-License-Identifier: Apache-2.0
#include "server/site/content.hpp"

#include <catch2/catch.hpp>

using namespace pointman;

namespace {

std::string header(http::Response const& response, std::string_view name) {
    for (auto const& [key, value] : response.headers) {
        if (key == name) return value;
    }
    return {};
}

} // namespace

TEST_CASE("content, whole, in part, or not again") {
    struct Row {
        std::string name;
        std::string method;
        http::Headers headers;
        unsigned status;
        std::string body;
        std::string range; ///< Content-Range
    };
    auto const row = GENERATE(values<Row>({
        {"whole", "GET", {}, 200, "0123456789", ""},
        {"for its head", "HEAD", {}, 200, "0123456789", ""},
        {"known already", "GET", {{"if-none-match", "\"tag\""}}, 304, "", ""},
        {"known among others", "GET", {{"if-none-match", "\"x\", W/\"tag\""}}, 304, "", ""},
        {"any is known", "GET", {{"if-none-match", "*"}}, 304, "", ""},
        {"another is known", "GET", {{"if-none-match", "\"gat\""}}, 200, "0123456789", ""},
        {"the beginning", "GET", {{"range", "bytes=0-3"}}, 206, "0123", "bytes 0-3/10"},
        {"one byte", "GET", {{"range", "bytes=9-9"}}, 206, "9", "bytes 9-9/10"},
        {"the middle, in capitals", "GET", {{"range", "BYTES=2-5"}}, 206, "2345", "bytes 2-5/10"},
        {"from somewhere", "GET", {{"range", "bytes=7-"}}, 206, "789", "bytes 7-9/10"},
        {"beyond the end", "GET", {{"range", "bytes=8-99"}}, 206, "89", "bytes 8-9/10"},
        {"the last three", "GET", {{"range", "bytes=-3"}}, 206, "789", "bytes 7-9/10"},
        {"more than all of the last", "GET", {{"range", "bytes=-99"}}, 206, "0123456789", "bytes 0-9/10"},
        {"behind the end", "GET", {{"range", "bytes=10-"}}, 416, "", "bytes */10"},
        {"none of the last", "GET", {{"range", "bytes=-0"}}, 416, "", "bytes */10"},
        {"a number too large", "GET", {{"range", "bytes=99999999999999999999-"}}, 200, "0123456789", ""},
        {"the wrong way round", "GET", {{"range", "bytes=5-2"}}, 200, "0123456789", ""},
        {"several", "GET", {{"range", "bytes=0-1,4-5"}}, 200, "0123456789", ""},
        {"other units", "GET", {{"range", "lines=0-1"}}, 200, "0123456789", ""},
        {"no range", "GET", {{"range", "bytes=-"}}, 200, "0123456789", ""},
        {"no number", "GET", {{"range", "bytes=a-b"}}, 200, "0123456789", ""},
        {"a part of the head", "HEAD", {{"range", "bytes=0-3"}}, 200, "0123456789", ""},
        {"if it is still this",
         "GET",
         {{"range", "bytes=0-3"}, {"if-range", "\"tag\""}},
         206,
         "0123",
         "bytes 0-3/10"},
        {"if it were another",
         "GET",
         {{"range", "bytes=0-3"}, {"if-range", "\"old\""}},
         200,
         "0123456789",
         ""},
    }));
    CAPTURE(row.name);
    http::Request request;
    request.method = row.method;
    request.headers = row.headers;
    auto const response = site::serve(request, {as_bytes("0123456789"), "\"tag\"", "text/plain"});
    CHECK(response.status == row.status);
    CHECK(as_chars(response.body) == row.body);
    CHECK(header(response, "Content-Range") == row.range);
    CHECK(header(response, "ETag") == "\"tag\"");
    CHECK(header(response, "Content-Type") == (row.status == 304 ? "" : "text/plain"));
}

TEST_CASE("a part of nothing") {
    http::Request request;
    request.method = "GET";
    request.headers = {{"range", "bytes=0-"}};
    CHECK(site::serve(request, {{}, "\"\"", "text/plain"}).status == 416);
    request.headers.clear();
    CHECK(site::serve(request, {{}, "\"\"", "text/plain"}).status == 200);
}
