// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <pointman/message.hpp>

namespace pointman::client {

namespace {

using namespace std::string_literals;

Bytes bytes_of(std::string const& text) {
    return to_bytes(text);
}

} // namespace

TEST_CASE("a body from a string is UTF-16 with a NUL") {
    Message message;
    message.set_body_from_string("aé");
    CHECK(as_chars(message.body()) == "a\0\xE9\0\0\0"s);
    CHECK(message.body_length() == 6);
    CHECK(message.body_string() == "aé");
}

TEST_CASE("a body is a string only where it is UTF-16 that ends with a NUL") {
    struct Row {
        std::string name;
        std::string body;
        std::optional<std::string> text;
    };
    auto const row = GENERATE(values<Row>({
        {"no mark", "a\0\0\0"s, "a"},
        {"little-endian mark",
         "\xFF\xFE"
         "a\0\0\0"s,
         "a"},
        {"big-endian mark", "\xFE\xFF\0a\0\0"s, "a"},
        {"not ASCII", "\x2D\x4E\0\0"s, "中"},
        {"only the NUL", "\0\0"s, ""},
        {"nothing", "", std::nullopt},
        {"no NUL", "a\0"s, std::nullopt},
        {"UTF-8", "abc", std::nullopt},
        {"half a NUL", "a\0\0"s, std::nullopt},
        {"half a pair", "\x00\xD8\0\0"s, std::nullopt},
    }));
    INFO(row.name);
    Message message;
    message.set_body_from_buffer(bytes_of(row.body));
    auto const text = message.body_string();
    CHECK(text.has_value() == row.text.has_value());
    if (row.text) {
        CHECK(text == *row.text);
    } else {
        CHECK(text.error().code == Code::datatype_mismatch);
    }
}

TEST_CASE("bodies and attachments come from files") {
    test::TemporaryDirectory const directory;
    auto const file = directory.path() / "body";
    std::ofstream(file, std::ios::binary) << "raw\0bytes"s;
    Message message;
    REQUIRE(message.set_body_from_file(file));
    REQUIRE(message.set_attachment_from_file("1", file));
    CHECK(as_chars(message.body()) == "raw\0bytes"s);
    CHECK(as_chars(message.attachment("1")->bytes()) == "raw\0bytes"s);
    CHECK(message.set_body_from_file(directory.path() / "none").error().code == Code::not_found);
    CHECK(message.set_attachment_from_file("2", directory.path()).error().code == Code::storage);
    CHECK(message.attachment_count() == 1);
}

TEST_CASE("an attachment of the same name replaces the former, in its place") {
    Message message;
    message.set_attachment_from_buffer("One", bytes_of("1"));
    message.set_attachment_from_buffer("two", bytes_of("22"));
    message.set_attachment_from_buffer("ONE", bytes_of("111"));
    REQUIRE(message.attachment_count() == 2);
    CHECK(message.attachment(std::size_t{0})->name() == "One");
    CHECK(message.attachment(std::size_t{0})->length() == 3);
    CHECK(message.attachment("Two")->length() == 2);
    CHECK(message.attachment(std::size_t{2}).error().code == Code::not_found);
    CHECK(message.attachment("three").error().code == Code::not_found);
}

TEST_CASE("an attachment is copied whole or not at all") {
    test::TemporaryDirectory const directory;
    Message message;
    message.set_attachment_from_buffer("1", bytes_of("abc"));
    auto const attachment = message.attachment("1").value();
    Bytes buffer(2);
    CHECK(attachment.copy_to_buffer(buffer).error().code == Code::invalid_argument);
    CHECK(buffer == Bytes(2));
    buffer.resize(4);
    REQUIRE(attachment.copy_to_buffer(buffer));
    CHECK(as_chars(buffer) == "abc\0"s);
    auto const file = directory.path() / "copy";
    std::ofstream(file) << "something longer";
    REQUIRE(attachment.copy_to_file(file));
    CHECK(test::read_text(file) == "abc");
    CHECK(attachment.copy_to_file(directory.path() / "none" / "copy").error().code == Code::not_found);
}

TEST_CASE("properties are compared without case") {
    Message message;
    message.set_property("FileType", "SMX");
    message.set_property("filetype", "SWM");
    CHECK(message.property("FILETYPE") == "SWM");
    CHECK_FALSE(message.property("Other"));
}

TEST_CASE("messages are values") {
    Message message;
    message.set_target_endpoint("StatusReceiver");
    message.set_client_id("GUID:A");
    message.set_timeout(std::chrono::seconds{9});
    message.set_security_flags(security::sign_message | security::compress);
    auto copy = message;
    copy.set_target_endpoint("MP_PolicyManager");
    CHECK(message.target_endpoint() == "StatusReceiver");
    CHECK(copy.client_id() == "GUID:A");
    CHECK(copy.timeout() == std::chrono::seconds{9});
    CHECK(copy.security_flags() == 0x80000002);
}

TEST_CASE("a proxy is a host with a port") {
    struct Row {
        std::string name;
        bool good;
    };
    auto const row = GENERATE(values<Row>({{"http://proxy:3128", true},
                                           {"proxy:3128", true},
                                           {"proxy", true},
                                           {"[::1]:3128", true},
                                           {"https://proxy:3128", false},
                                           {"http://proxy/path", false},
                                           {"http://user@proxy", false},
                                           {"", false},
                                           {"pro xy", false}}));
    INFO(row.name);
    Message message;
    auto const done = message.set_proxy(row.name);
    CHECK(done.has_value() == row.good);
    if (!done) CHECK(done.error().code == Code::invalid_argument);
}

TEST_CASE("errors have the original's numbers") {
    struct Row {
        Error error;
        std::uint32_t hresult;
        std::string name;
    };
    auto const row = GENERATE(values<Row>({
        {{.code = Code::access_denied}, 0x80070005, "access_denied"},
        {{.code = Code::invalid_schema}, 0x80040605, "invalid_schema"},
        {{.code = Code::no_reply}, 0x80040607, "no_reply"},
        {{.code = Code::datatype_mismatch}, 0, "datatype_mismatch"},
        {{.code = Code::server_unavailable}, 0x800706BA, "server_unavailable"},
        {{.code = Code::timeout}, 0x80072EE2, "timeout"},
        {{.code = Code::refused, .http_status = 404}, 0x80190194, "refused"},
        {{.code = Code::busy, .http_status = 503}, 0x801901F7, "busy"},
        {{.code = Code::storage_full}, 0x80070070, "storage_full"},
    }));
    CHECK(hresult_of(row.error) == row.hresult);
    CHECK(name_of(row.error.code) == row.name);
}

} // namespace pointman::client
