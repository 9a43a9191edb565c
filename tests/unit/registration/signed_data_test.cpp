// SPDX-License-Identifier: Apache-2.0
// Which bytes are signed, and that nothing else is believed (registration.md 5).
#include "endpoints/registration/signed_data.hpp"
#include "server/wire/utf16.hpp"
#include "tests/unit/registration/desk.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using namespace pointman::test;
using endpoints::registration::read_signed_data;

namespace {

Bytes operator+(Bytes left, Bytes const& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

Bytes bytes(std::initializer_list<unsigned> values) {
    Bytes made;
    for (auto const value : values) made.push_back(static_cast<std::byte>(value));
    return made;
}

Bytes swapped(Bytes text) {
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) std::swap(text[i], text[i + 1]);
    return text;
}

std::string root(std::string const& inside) {
    return "<ClientRegistrationRequest>" + inside + "</ClientRegistrationRequest>";
}

} // namespace

TEST_CASE("encodings of the body") {
    auto const name = "B\xC3\x9CRO-\xF0\x9F\x96\xA5"; // a letter of two bytes, and one outside the BMP
    auto const xml = signed_request(test_key(0), registration_of(test_key(0), name));
    auto const little = wire::to_utf16le(xml);
    struct Row {
        char const* name;
        Bytes body;
    };
    auto const row = GENERATE_COPY(values<Row>({
        {"UTF-16 LE and NUL, as clients send it", as_sent(xml)},
        {"UTF-16 LE alone", little},
        {"UTF-16 LE with mark", bytes({0xFF, 0xFE}) + little},
        {"UTF-16 LE, NUL and CRLF", little + bytes({0, 0, 13, 10})},
        {"UTF-16 LE, CRLF of two bytes each and zeros", little + bytes({13, 0, 10, 0, 0, 0, 0})},
        {"UTF-16 BE", swapped(little)},
        {"UTF-16 BE with mark", bytes({0xFE, 0xFF}) + swapped(little)},
        {"UTF-8", to_bytes(xml)},
        {"UTF-8 with mark", bytes({0xEF, 0xBB, 0xBF}) + to_bytes(xml)},
        {"UTF-8 that calls itself UTF-16", to_bytes(R"(<?xml version="1.0" encoding="utf-16"?>)" + xml)},
        {"UTF-16 that calls itself UTF-8", as_sent(R"(<?xml version="1.0" encoding="utf-8"?>)" + xml)},
    }));
    INFO(row.name);
    Desk desk;
    auto const answer = desk.submit(row.body);
    INFO((answer.error ? describe(*answer.error) : ""));
    REQUIRE(answer.status == 0);
    CHECK(desk.client(answer.smsid)->name == name);
}

TEST_CASE("white space inside of Data is signed as it came") {
    auto const between = GENERATE(as<std::string>{}, "", "\n", "\r\n", "\r", "\r\n\t  ", " \n \r\n ");
    auto const hash = GENERATE(as<std::optional<wire::Digest>>{}, std::nullopt, wire::Digest::sha256);
    auto request = registration_of(test_key(0), "LABPC01");
    request.between = between;
    request.hash = hash;
    auto const xml = signed_request(test_key(0), request);
    Desk desk;
    CHECK(desk.submit(xml).status == 0);

    if (between != "\r\n") return;
    // An XML reader makes one line feed of each; the signature must not be checked over that.
    auto unified = xml;
    for (auto at = unified.find('\r'); at != std::string::npos; at = unified.find('\r')) unified.erase(at, 1);
    CHECK(desk.submit(unified).status == 3);
}

TEST_CASE("spellings of the Data tag") {
    auto const signed_data = [](std::string const& data) {
        return request_around(data, signature_value(test_key(0), data, wire::Digest::sha256));
    };
    auto const plain = data_element(registration_of(test_key(0), "LABPC01"));
    auto const inside = plain.substr(std::string_view("<Data").size());
    struct Row {
        char const* name;
        std::string xml;
        int status;
    };
    auto const row = GENERATE_COPY(values<Row>({
        {"a space", signed_data("<Data" + inside), 0},
        {"a line break", signed_data("<Data\r\n" + inside), 0},
        {"a tab", signed_data("<Data\t" + inside), 0},
        {"a name that only begins so",
         signed_data("<DataX" + inside.substr(0, inside.size() - 7) + "</DataX>"), 3},
        {"comments inside", signed_data("<Data" + inside.substr(0, inside.size() - 7) + "<!-- x --></Data>"),
         0},
    }));
    INFO(row.name);
    Desk desk;
    CHECK(desk.submit(row.xml).status == row.status);
}

TEST_CASE("nothing but the signed Data is believed") {
    // The honest request, signed by its owner, which an attacker may have recorded or may own.
    auto const good = data_element(registration_of(test_key(0), "LABPC01"));
    auto const good_signature = signature_value(test_key(0), good, wire::Digest::sha256);
    // What the attacker would like the reader to see: the same key under another name.
    auto const evil = data_element(registration_of(test_key(0), "DC01"));
    auto const tail = "<Signature><SignatureValue>" + good_signature + "</SignatureValue></Signature>";
    /// `text` signed as if it were one Data: an attacker with a key of their own can do that.
    auto const over = [&](std::string const& before, std::string const& text, std::string const& after) {
        return root(before + text + after + "<Signature><SignatureValue>" +
                    signature_value(test_key(0), text, wire::Digest::sha256) +
                    "</SignatureValue></Signature>");
    };
    struct Row {
        char const* name;
        std::string xml;
        bool taken;
    };
    auto const row = GENERATE_COPY(values<Row>({
        {"the honest request", root(good + tail), true},
        {"other Data in front", root(evil + good + tail), false},
        {"other Data behind", root(good + evil + tail), false},
        {"the signed one in a comment", root("<!--" + good + "-->" + evil + tail), false},
        {"the signed one in a comment behind", root(evil + "<!--" + good + "-->" + tail), false},
        {"the other one in a comment", root("<!--" + evil + "-->" + good + tail), false},
        {"the signed one in CDATA", root("<X><![CDATA[" + good + "]]></X>" + evil + tail), false},
        {"the signed one in CDATA behind", root(evil + "<X><![CDATA[" + good + "]]></X>" + tail), false},
        {"the signed one in a processing instruction", root("<?x " + good + "?>" + evil + tail), false},
        {"the signed one in an attribute behind", root(evil + "<X a='" + good + "'/>" + tail), false},
        {"the signed one in the Signature",
         root(evil + "<Signature><SignatureValue>" + good_signature + "</SignatureValue>" + good +
              "</Signature>"),
         false},
        {"the signed one below another element", root("<X>" + good + "</X>" + evil + tail), false},
        {"the signed one below the other", root(evil.substr(0, evil.size() - 7) + good + "</Data>" + tail),
         false},
        {"a comment that begins with Data", root("<!--<Data >-->" + good + tail), false},
        {"a comment that ends with Data", root(good + "<!--</Data>-->" + tail), false},
        {"a comment in front of the root", "<!--" + good + "-->" + root(evil + tail), false},
        {"a comment behind the root", root(evil + tail) + "<!--" + good + "-->", false},
        {"a comment about something else", root("<!-- data -->" + good + "<!-- /data -->" + tail), true},
        {"a cut that reads the real one as CDATA",
         over("<!--", evil.substr(0, evil.size() - 7) + "<![CDATA[-->" + good + "<!--]]></Data>", "-->"),
         false},
        {"a cut that reads the real one as a comment",
         over("<X><![CDATA[",
              evil.substr(0, evil.size() - 7) + "<!--]]></X>" + good + "<X><![CDATA[--></Data>", "]]></X>"),
         false},
    }));
    INFO(row.name);
    Desk desk;
    auto const answer = desk.submit(row.xml);
    CHECK((answer.status == 0) == row.taken);
    for (auto const& client : desk.clients()) CHECK(client.name == "LABPC01");
    if (!row.taken) CHECK(desk.clients().empty());
}

TEST_CASE("the cut text and its place") {
    struct Row {
        std::string body;
        std::string data; ///< "" = refused
        std::uint32_t line;
        std::uint32_t column;
    };
    auto const row = GENERATE(values<Row>({
        {"<r><Data></Data></r>", "<Data></Data>", 1, 4},
        {"<r><Data/></r>", "", 0, 0},
        {"<r><Data/><Data></Data></r>", "", 0, 0},
        {"<r>\n <Data a='1'>x</Data></r>", "<Data a='1'>x</Data>", 2, 2},
        {"<r>\r\n\r\n<Data></Data></r>", "<Data></Data>", 3, 1},
        {"<r><DataX/><Data></Data></r>", "<Data></Data>", 1, 12},
        {"<r><Data></Data ></r>", "", 0, 0},
        {"<r><data></data></r>", "", 0, 0},
        {"<Data></Data>", "", 0, 0},
        {"<r></Data><Data></r>", "", 0, 0},
        {"<r/>", "", 0, 0},
        {"", "", 0, 0},
        {"<Data", "", 0, 0},
        {"</Data><Data", "", 0, 0},
    }));
    INFO(row.body);
    auto const data = read_signed_data(as_bytes(row.body));
    CHECK(data.has_value() == !row.data.empty());
    if (!data) {
        CHECK(data.error().code == Code::malformed);
        return;
    }
    CHECK(data->bytes == wire::to_utf16le(row.data));
    CHECK(data->line == row.line);
    CHECK(data->column == row.column);
    CHECK(data->root().name() == "Data");
}

TEST_CASE("a refusal tells the place in the body") {
    auto const data = read_signed_data(as_bytes("<r>\n\n   <Data>\n <Inner/></Data></r>"));
    REQUIRE(data);
    auto const inner = data->refuse(*data->root().child("Inner"), Code::schema_violation, "x").error();
    CHECK(inner.line == 4);
    auto const outer = data->refuse(data->root(), Code::schema_violation, "x").error();
    CHECK(outer.line == 3);
    CHECK(outer.column >= 4);
}
