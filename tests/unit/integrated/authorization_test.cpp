// SPDX-License-Identifier: Apache-2.0
#include "server/integrated/authorization.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using namespace pointman::integrated;

TEST_CASE("headers that carry a token") {
    struct Row {
        std::string header;
        Scheme scheme;
        std::string token;
    };
    auto const row = GENERATE(values<Row>({
        {"NTLM YQ==", Scheme::ntlm, "a"},
        {"NTLM YWI=", Scheme::ntlm, "ab"},
        {"NTLM YWJj", Scheme::ntlm, "abc"},
        {"ntlm YWJj", Scheme::ntlm, "abc"},
        {"Negotiate YWJj", Scheme::negotiate, "abc"},
        {"NEGOTIATE \t YWJj  ", Scheme::negotiate, "abc"},
        {"Negotiate +/+/", Scheme::negotiate, "\xFB\xFF\xBF"},
    }));
    CAPTURE(row.header);
    auto const read = parse_authorization(row.header);
    REQUIRE(read.has_value());
    CHECK(read->scheme == row.scheme);
    CHECK(as_chars(read->token) == row.token);
}

TEST_CASE("headers that carry none") {
    struct Row {
        std::string header;
        std::string reason;
    };
    auto const row = GENERATE(values<Row>({
        {"Basic bGFicGMwMTpzZWNyZXQ=", "the scheme 'Basic' is not offered"},
        {"NTLMv2 YWJj", "the scheme 'NTLMv2' is not offered"},
        {"NTLM", "NTLM without a token"},
        {"NTLM   ", "NTLM without a token"},
        {"Negotiate", "Negotiate without a token"},
        {"NTLM YWJ", "the NTLM token is no base64"},
        {"NTLM YW=j", "the NTLM token is no base64"},
        {"NTLM ====", "the NTLM token is no base64"},
        {"NTLM Y===", "the NTLM token is no base64"},
        {"NTLM YWJj YWJj", "the NTLM token is no base64"},
        {"NTLM YW\nJj", "the NTLM token is no base64"},
        {"Negotiate YWJj,NTLM YWJj", "the Negotiate token is no base64"},
        {"NTLM " + std::string(64'004, 'A'), "a token of 64004 characters; 48000 bytes are taken"},
        {"NTLM " + std::string(1'000'000, '!'), "a token of 1000000 characters; 48000 bytes are taken"},
    }));
    CAPTURE(row.header.substr(0, 60));
    auto const read = parse_authorization(row.header);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().message == row.reason);
}

TEST_CASE("a password in a foreign scheme does not get into the log") {
    auto const read = parse_authorization("Basic bGFicGMwMTpzZWNyZXQ=");
    CHECK(describe(read.error()).find("bGFi") == std::string::npos);
}

TEST_CASE("the largest token is taken") {
    auto const read = parse_authorization("NTLM " + std::string(64'000, 'A'));
    REQUIRE(read.has_value());
    CHECK(read->token.size() == max_token);
}

TEST_CASE("what a challenge holds is what its reader finds") {
    for (std::size_t size = 0; size < 70; ++size) {
        Bytes token(size);
        for (std::size_t i = 0; i < size; ++i) token[i] = static_cast<std::byte>(i * 37 + size);
        auto const header = challenge(Scheme::negotiate, token);
        CAPTURE(header);
        if (size == 0) {
            CHECK(header == "Negotiate ");
            continue;
        }
        CHECK(parse_authorization(header)->token == token);
    }
}
