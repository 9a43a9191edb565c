// SPDX-License-Identifier: Apache-2.0
// Handshakes of NTLM, bare and in SPNEGO, against the system's own mechanism as the client; and what is none.
#include "server/integrated/handshake.hpp"
#include "tests/support/gss_client.hpp"
#include "tests/support/kdc.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <atomic>
#include <fstream>
#include <malloc.h>
#include <map>
#include <thread>

using namespace pointman;
using namespace pointman::integrated;
using test::GssClient;

namespace {

constexpr char const* host = "mp.lab.test";

struct Fixture {
    test::TemporaryDirectory directory;
    std::filesystem::path file = directory.path() / "users";

    std::shared_ptr<Acceptor const>
    acceptor(std::string_view users = "LAB:LABPC01$:Secret 1\nLAB:jane:Pass:w\xC3\xB6rt \n") {
        std::ofstream(file) << users;
        return Acceptor::load({{}, file, host}).value();
    }
};

/// Runs a handshake to its end.
Step finish(Handshake& handshake, GssClient& client) {
    Bytes challenge;
    for (;;) {
        auto step = handshake.step(client.next(challenge));
        if (!std::holds_alternative<Continue>(step)) return step;
        challenge = std::get<Continue>(step).token;
    }
}

std::string reason_of(Step const& step) {
    auto const* refused = std::get_if<Refused>(&step);
    return refused != nullptr ? refused->reason : "not refused";
}

std::uint32_t number_at(BytesView bytes, std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = size; i-- > 0;) value = value << 8U | std::to_integer<std::uint32_t>(bytes[at + i]);
    return value;
}

/// The pairs of a challenge's target information (MS-NLMP 2.2.2.1), by id.
std::map<std::uint32_t, Bytes> target_information(BytesView challenge) {
    std::map<std::uint32_t, Bytes> pairs;
    auto const length = number_at(challenge, 40, 2);
    auto info = challenge.subspan(number_at(challenge, 44, 4), length);
    while (info.size() >= 4) {
        auto const id = number_at(info, 0, 2);
        auto const size = number_at(info, 2, 2);
        auto const value = info.subspan(4, size);
        pairs[id] = Bytes(value.begin(), value.end());
        info = info.subspan(4 + size);
        if (id == 0) break;
    }
    CHECK(info.empty());
    return pairs;
}

Bytes utf16(std::string_view ascii) {
    Bytes bytes;
    for (char const c : ascii) {
        bytes.push_back(static_cast<std::byte>(c));
        bytes.push_back(std::byte{0});
    }
    return bytes;
}

} // namespace

TEST_CASE_METHOD(Fixture, "accounts and what they come to") {
    struct Row {
        std::string account;
        std::string password;
        std::string result; ///< the account, or how the reason begins
    };
    auto const row = GENERATE(values<Row>({
        {R"(LAB\LABPC01$)", "Secret 1", R"(LAB\LABPC01$)"},
        {R"(LAB\labpc01$)", "Secret 1", R"(LAB\labpc01$)"},
        {"LABPC01$", "Secret 1", "LABPC01$"},
        {R"(LAB\jane)", "Pass:w\xC3\xB6rt ", R"(LAB\jane)"},
        {R"(LAB\LABPC01$)", "secret 1", R"(NTLM account LAB\LABPC01$ does not prove its password)"},
        {R"(LAB\LABPC02$)", "Secret 1", R"(NTLM account LAB\LABPC02$ is not in security.ntlm_users)"},
        {R"(lab\LABPC01$)", "Secret 1", R"(NTLM account lab\LABPC01$ is not in security.ntlm_users)"},
        {R"(OTHER\LABPC01$)", "Secret 1", R"(NTLM account OTHER\LABPC01$ is not in security.ntlm_users)"},
    }));
    auto const form = GENERATE(GssClient::Form::ntlm, GssClient::Form::spnego);
    CAPTURE(row.account, row.password, static_cast<int>(form));
    for (auto const scheme : {Scheme::negotiate, Scheme::ntlm}) {
        if (scheme == Scheme::ntlm && form == GssClient::Form::spnego) continue;
        GssClient client(row.account, row.password, host, form);
        Handshake handshake(acceptor(), scheme);
        auto const step = finish(handshake, client);
        if (auto const* done = std::get_if<Done>(&step)) {
            CHECK(done->account == row.result);
            CHECK(done->mechanism == "NTLM");
            CHECK(done->token.empty() == (form == GssClient::Form::ntlm));
        } else {
            CHECK_THAT(reason_of(step), Catch::StartsWith(row.result));
        }
        CHECK(reason_of(handshake.step({})) == "the handshake is over");
    }
}

TEST_CASE_METHOD(Fixture, "the challenge says who the server is") {
    // What gss-ntlmssp cannot say is the DNS domain, id 4; id 2 comes from NETBIOS_DOMAIN_NAME.
    GssClient client(R"(LAB\LABPC01$)", "Secret 1", host);
    Handshake handshake(acceptor(), Scheme::ntlm);
    auto const step = handshake.step(client.next());
    auto const& challenge = std::get<Continue>(step).token;
    auto const pairs = target_information(challenge);
    for (std::uint32_t const id : {1U, 2U, 3U, 7U, 0U}) {
        CAPTURE(id);
        CHECK(pairs.contains(id));
    }
    CHECK(pairs.at(1) == utf16("MP"));
    CHECK(pairs.at(3) == utf16(host));
    CHECK(pairs.at(7).size() == 8);
    CHECK(pairs.at(0).empty());
    CHECK_FALSE(pairs.contains(4));
}

TEST_CASE_METHOD(Fixture, "tokens that begin no handshake") {
    struct Row {
        std::string name;
        Scheme scheme;
        std::string token;
        std::string reason;
    };
    std::string const type3("NTLMSSP\0\3\0\0\0", 12);
    std::string const type1("NTLMSSP\0\1\0\0\0", 12);
    using enum Scheme;
    auto const row = GENERATE_COPY(values<Row>({
        {"nothing", negotiate, "", "the Negotiate token is none of GSSAPI's"},
        {"a word", negotiate, "hello", "the Negotiate token is none of GSSAPI's"},
        {"a word as NTLM", ntlm, "hello", "the NTLM token is no NTLM message"},
        {"the signature alone", ntlm, std::string("NTLMSSP\0", 8), "the NTLM token is no NTLM message"},
        {"an NTLM message of no type", ntlm, std::string("NTLMSSP\0\x09\0\0\0", 12),
         "the NTLM token is no NTLM message"},
        {"a challenge", ntlm, std::string("NTLMSSP\0\2\0\0\0", 12), "NTLM message 2 without"},
        {"type 3 without type 1", ntlm, type3, "NTLM message 3 without a negotiation before it"},
        {"the same as Negotiate", negotiate, type3, "NTLM message 3 without a negotiation before it"},
        {"a later SPNEGO token", negotiate, "\xA1\x07\x30\x05\xA0\x03\x0A\x01\x01",
         "a later SPNEGO token without the first"},
        {"SPNEGO under NTLM", ntlm, "\x60\x10\x06\x06\x2B\x06\x01\x05\x05\x02",
         "the NTLM token is no NTLM message"},
        {"type 1 cut short", ntlm, type1, "Invalid token was supplied"},
        {"DER cut short", negotiate, std::string("\x60\x82\x10\x00\x06\x06\x2B\x06\x01\x05\x05\x02", 12),
         "Token header is malformed or corrupt"},
        {"DER of nothing", negotiate, std::string("\x60\x00", 2), "Invalid token was supplied"},
        {"a mechanism that nobody has", negotiate, std::string("\x60\x06\x06\x02\x2A\x03\x05\x00", 8), ""},
        {"over the limit", negotiate, std::string(max_token + 1, '\x60'),
         "a token of 48001 bytes; 48000 are taken"},
    }));
    CAPTURE(row.name);
    Handshake handshake(acceptor(), row.scheme);
    CHECK_THAT(reason_of(handshake.step(as_bytes(row.token))), Catch::StartsWith(row.reason));
    CHECK(reason_of(handshake.step({})) == "the handshake is over");
}

TEST_CASE_METHOD(Fixture, "a handshake whose second token is cut anywhere is refused") {
    auto const all = acceptor();
    for (std::size_t at = 0;; ++at) {
        GssClient client(R"(LAB\LABPC01$)", "Secret 1", host);
        Handshake handshake(all, Scheme::ntlm);
        auto const step = handshake.step(client.next());
        auto token = client.next(std::get<Continue>(step).token);
        if (at >= token.size()) break;
        token.resize(at);
        CAPTURE(at);
        CHECK(reason_of(handshake.step(token)) != "not refused");
    }
}

TEST_CASE_METHOD(Fixture, "who is not set up is told so in the log") {
    auto const nobody = Acceptor::load({{}, {}, host}).value();
    GssClient bare(R"(LAB\LABPC01$)", "Secret 1", host);
    GssClient wrapped(R"(LAB\LABPC01$)", "Secret 1", host, GssClient::Form::spnego);
    Handshake ntlm(nobody, Scheme::ntlm);
    CHECK(reason_of(ntlm.step(bare.next())) == "NTLM is asked for, and security.ntlm_users is not set");
    Handshake negotiate(nobody, Scheme::negotiate);
    CHECK(reason_of(negotiate.step(wrapped.next())) ==
          "Negotiate is asked for, and neither security.keytab nor security.ntlm_users is set");
}

TEST_CASE_METHOD(Fixture, "accounts are those that were read, whatever happens to the file") {
    auto const before = acceptor();
    std::ofstream(file) << "LAB:LABPC01$:another\n";
    GssClient client(R"(LAB\LABPC01$)", "Secret 1", host);
    Handshake handshake(before, Scheme::ntlm);
    CHECK(std::holds_alternative<Done>(finish(handshake, client)));
}

TEST_CASE_METHOD(Fixture, "with a keytab too, SPNEGO finds the mechanism that the client has") {
    test::Kdc kdc;
    std::ofstream(file) << "LAB:LABPC01$:Secret 1\n";
    auto const both = Acceptor::load({kdc.add("HTTP/mp.lab.test"), file, host}).value();
    GssClient client(R"(LAB\LABPC01$)", "Secret 1", host, GssClient::Form::spnego);
    Handshake handshake(both, Scheme::negotiate);
    auto const step = finish(handshake, client);
    INFO(reason_of(step));
    REQUIRE(std::holds_alternative<Done>(step));
    CHECK(std::get<Done>(step).mechanism == "NTLM");

    // With the keytab alone there is nothing for it.
    auto const kerberos = Acceptor::load({kdc.add("HTTP/mp2.lab.test"), {}, host}).value();
    GssClient other(R"(LAB\LABPC01$)", "Secret 1", host, GssClient::Form::spnego);
    Handshake refused(kerberos, Scheme::negotiate);
    CHECK_THAT(reason_of(refused.step(other.next())), Catch::Contains("mechanism"));
}

TEST_CASE_METHOD(Fixture, "handshakes leave no memory behind, whatever they come to") {
    auto const all = acceptor();
    auto const run = [&all](int rounds) {
        for (int i = 0; i < rounds; ++i) {
            GssClient client(R"(LAB\LABPC01$)", i % 2 == 0 ? "Secret 1" : "wrong", host);
            Handshake handshake(all, Scheme::ntlm);
            finish(handshake, client);
        }
    };
    constexpr int rounds = 200;
    run(rounds / 4); // what is made once
    auto const before = mallinfo2().uordblks;
    run(rounds);
    auto const after = mallinfo2().uordblks;
    CHECK(after < before + std::size_t{rounds} * 500);
}

TEST_CASE_METHOD(Fixture, "many handshakes at a time keep to their accounts") {
    auto const all = acceptor("LAB:A$:a\nLAB:B$:b\nLAB:C$:c\nLAB:D$:d\n");
    constexpr int rounds = 25;
    std::atomic<int> right{0};
    {
        std::vector<std::jthread> threads;
        for (char const letter : {'a', 'b', 'c', 'd'}) {
            threads.emplace_back([&all, &right, letter] {
                auto const account = fmt::format("LAB\\{}$", static_cast<char>(letter - 'a' + 'A'));
                for (int i = 0; i < rounds; ++i) {
                    GssClient client(account, std::string(1, letter), host,
                                     i % 2 == 0 ? GssClient::Form::ntlm : GssClient::Form::spnego);
                    Handshake handshake(all, Scheme::negotiate);
                    auto const step = finish(handshake, client);
                    auto const* done = std::get_if<Done>(&step);
                    if (done != nullptr && done->account == account) ++right;
                }
            });
        }
    }
    CHECK(right == 4 * rounds);
}

TEST_CASE("which tokens begin a handshake") {
    CHECK(begins_handshake(as_bytes(std::string_view("NTLMSSP\0\1\0\0\0", 12))));
    CHECK(begins_handshake(as_bytes("\x60\x10")));
    CHECK(begins_handshake(as_bytes("hello")));
    CHECK(begins_handshake({}));
    CHECK_FALSE(begins_handshake(as_bytes(std::string_view("NTLMSSP\0\3\0\0\0", 12))));
    CHECK_FALSE(begins_handshake(as_bytes("\xA1\x10")));
}
