// SPDX-License-Identifier: Apache-2.0
// The names of accounts: from Kerberos, from NTLM, in the list of NTLM accounts, and in NTLM's messages.
#include "endpoints/registration/approval.hpp"
#include "server/integrated/accounts.hpp"
#include "server/integrated/authorization.hpp"
#include "server/integrated/ntlm_message.hpp"
#include "server/integrated/ntlm_users.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <regex>

using namespace pointman;
using namespace pointman::integrated;
using endpoints::registration::is_machine_account_of;

TEST_CASE("the account of a Kerberos principal") {
    struct Row {
        std::string principal;
        std::string account; ///< "" = none
        bool machine;        ///< the account of the computer LABPC01
    };
    auto const row = GENERATE(values<Row>({
        {"LABPC01$@LAB.EXAMPLE", R"(LAB.EXAMPLE\LABPC01$)", true},
        {"host/labpc01.lab.example@LAB.EXAMPLE", R"(LAB.EXAMPLE\LABPC01$)", true},
        {"HOST/labpc01@LAB.EXAMPLE", R"(LAB.EXAMPLE\LABPC01$)", true},
        {"LABPC01@LAB.EXAMPLE", R"(LAB.EXAMPLE\LABPC01)", false},
        {"jane@LAB.EXAMPLE", R"(LAB.EXAMPLE\jane)", false},
        {"labpc01/admin@LAB.EXAMPLE", R"(LAB.EXAMPLE\labpc01/admin)", false},
        {"HTTP/labpc01.lab.example@LAB.EXAMPLE", R"(LAB.EXAMPLE\HTTP/labpc01.lab.example)", false},
        {"ghost/labpc01@LAB.EXAMPLE", R"(LAB.EXAMPLE\ghost/labpc01)", false},
        {"host/labpc02.labpc01@LAB.EXAMPLE", R"(LAB.EXAMPLE\LABPC02$)", false},
        {"host/labpc01/x@LAB.EXAMPLE", "", false},
        {"host/@LAB.EXAMPLE", "", false},
        {"host/.lab.example@LAB.EXAMPLE", "", false},
        {R"(evil\\LABPC01$@LAB.EXAMPLE)", "", false},
        {R"(jane\@LABPC01$@LAB.EXAMPLE)", "", false},
        {R"(jane@LAB\\LABPC01$)", "", false},
        {"jane\nLABPC01$@LAB.EXAMPLE", "", false},
        {"LABPC01$", "", false},
        {"LABPC01$@", "", false},
        {"@LAB.EXAMPLE", "", false},
        {"", "", false},
    }));
    CAPTURE(row.principal);
    auto const account = account_of_principal(row.principal);
    CHECK(account.value_or("") == row.account);
    CHECK(is_machine_account_of(account.value_or(""), "LABPC01") == row.machine);
}

TEST_CASE("the account of an NTLM name") {
    struct Row {
        std::string name;
        std::string account; ///< "" = none
    };
    auto const row = GENERATE(values<Row>({
        {R"(LAB\LABPC01$)", R"(LAB\LABPC01$)"},
        {"LABPC01$", "LABPC01$"},
        {R"(\LABPC01$)", "LABPC01$"},
        {R"(LAB\jane)", R"(LAB\jane)"},
        {R"(LAB\evil\LABPC01$)", ""},
        {R"(LAB\)", ""},
        {"LAB\\x\ny", ""},
        {"", ""},
    }));
    CAPTURE(row.name);
    CHECK(account_of_ntlm(row.name).value_or("") == row.account);
}

TEST_CASE("lists of NTLM accounts") {
    struct Row {
        std::string text;
        std::string result; ///< DOMAIN:USER:HASH a line, or the fault
    };
    std::string const mark = "\xEF\xBB\xBF";
    std::string const secret = "63647965F13544C6551D5FDB7FFD13E0";   // Secret123
    std::string const password = "8846F7EAEE8FB117AD06BDD830B7586C"; // password
    auto const row = GENERATE_COPY(values<Row>({
        {"LAB:LABPC01$:Secret123\n", "LAB:LABPC01$:" + secret + "\n"},
        {"LAB:LABPC01$:Secret123", "LAB:LABPC01$:" + secret + "\n"},
        {mark + "LAB:LABPC01$:Secret123\r\nLAB:jane:password\r\n",
         "LAB:LABPC01$:" + secret + "\nLAB:jane:" + password + "\n"},
        {"# accounts\n\n   \nLAB:LABPC01$:password\n", "LAB:LABPC01$:" + password + "\n"},
        {":LABPC01$:password\n", ":LABPC01$:" + password + "\n"},
        {"", "no line DOMAIN:USER:PASSWORD in it"},
        {"# nobody\n", "no line DOMAIN:USER:PASSWORD in it"},
        {"LAB:LABPC01$\n", "line 1: expected DOMAIN:USER:PASSWORD"},
        {"\nLABPC01$\n", "line 2: expected DOMAIN:USER:PASSWORD"},
        {"LAB::Secret\n", "line 1: the USER is empty"},
        {"LAB:LABPC01$:\n", "line 1: the PASSWORD is empty"},
        {"LAB\\X:LABPC01$:a\n", "line 1: DOMAIN and USER cannot hold '\\', '@' or '/'"},
        {"LAB:jane@x:a\n", "line 1: DOMAIN and USER cannot hold '\\', '@' or '/'"},
        {"LAB:a:x\nlab:A:y\n", "line 2: the account stands above already"},
        {"LAB:a:\xFF\n", "line 1: not UTF-8, or with a control character"},
        {std::string("LAB:a:x\0y\n", 10), "line 1: not UTF-8, or with a control character"},
        {"LAB:" + std::string(401, 'x') + ":p", "line 1: a name of more than 400 bytes"},
    }));
    CAPTURE(row.text);
    auto const users = parse_ntlm_users(row.text);
    std::string result;
    if (users) {
        for (auto const& user : users->users) {
            result += fmt::format("{}:{}:{}\n", user.domain, user.name, user.nt_hash);
        }
    } else {
        result = users.error().message;
    }
    CHECK(result == row.result);
}

TEST_CASE("what the mechanism reads has hashes alone, and nothing that one could guess") {
    auto const users = parse_ntlm_users("LAB:A$:Secret123\n:B$:Secret123\n").value();
    auto const text = users.mechanism_file().value();
    static std::regex const form("LAB\\\\A\\$:0:([0-9A-F]{32}):63647965F13544C6551D5FDB7FFD13E0:\n"
                                 "\\\\B\\$:0:([0-9A-F]{32}):63647965F13544C6551D5FDB7FFD13E0:\n");
    std::smatch match;
    REQUIRE(std::regex_match(text, match, form));
    CHECK(match[1] != match[2]);
    CHECK(users.mechanism_file().value() != text);
}

TEST_CASE("whether a list has an account") {
    auto const users = parse_ntlm_users("LAB:LABPC01$:x\n:LABPC02$:x\n").value();
    for (auto const* const account : {R"(LAB\LABPC01$)", R"(LAB\labpc01$)", "LABPC01$", "LABPC02$"}) {
        CAPTURE(account);
        CHECK(users.has(account));
    }
    for (auto const* const account :
         {R"(OTHER\LABPC01$)", R"(lab\LABPC01$)", R"(LAB\LABPC02$)", R"(LAB\LABPC03$)", "", R"(LAB\)"}) {
        CAPTURE(account);
        CHECK_FALSE(users.has(account));
    }
}

namespace {

/// The token of a recorded request.
Bytes recorded_token(std::string const& capture) {
    auto const head = test::read_text(test::test_data("captures/" + capture + ".head"));
    std::string const name = "Authorization: ";
    auto const begin = head.find(name) + name.size();
    return parse_authorization(head.substr(begin, head.find('\r', begin) - begin)).value().token;
}

} // namespace

TEST_CASE("NTLM messages as recorded clients sent them") {
    struct Row {
        std::string capture;
        NtlmType type;
        std::string account; ///< "" = none in it
    };
    auto const row = GENERATE(values<Row>({
        {"sdk/13-CCM_POST_ccm_system_windowsauth_request-auth", NtlmType::negotiate, ""},
        {"sdk/14-CCM_POST_ccm_system_windowsauth_request-auth-MP_ClientRegistration", NtlmType::authenticate,
         R"(LAB\LABPC02$)"},
        {"sccmwtf/02-CCM_POST_ccm_system_windowsauth_request-auth-MP_ClientRegistration", NtlmType::negotiate,
         ""},
        {"sccmwtf/03-CCM_POST_ccm_system_windowsauth_request-auth-MP_ClientRegistration",
         NtlmType::authenticate, R"(LAB\LABPC01$)"},
        {"sccmhunter/03-CCM_POST_ccm_system_windowsauth_request-auth-MP_ClientRegistration",
         NtlmType::authenticate, "LABPC01$"},
    }));
    CAPTURE(row.capture);
    auto const token = recorded_token(row.capture);
    CHECK(ntlm_type(token) == row.type);
    CHECK(claimed_account(token).value_or("") == row.account);

    // Cut anywhere, it is read without reaching past the end, and never as another account.
    for (std::size_t size = 0; size < token.size(); ++size) {
        auto const cut = claimed_account(BytesView(token).first(size));
        if (cut) CHECK(*cut == row.account);
    }
}

TEST_CASE("messages that the mechanism would not read are made readable, others are left alone") {
    struct Row {
        std::string header;
        std::size_t size;         ///< afterwards
        std::optional<int> flags; ///< the highest byte, where it changes
    };
    // Curl's negotiation and authentication; the latter says "version" and has none.
    std::string const negotiation = "NTLM TlRMTVNTUAABAAAABoIIAAAAAAAAAAAAAAAAAAAAAAA=";
    std::string const authentication =
        "NTLM TlRMTVNTUAADAAAAAAAAAEAAAAAAAAAAQAAAAAMAAwBAAAAABAAEAEMAAAAAAAAARwAAAAAAAABH"
        "AAAABoKKAkxBQmphbmU=";
    auto const row = GENERATE_COPY(values<Row>({
        {negotiation, 40, std::nullopt},
        {authentication, 71, 0x00},
        {"NTLM " + std::string("TlRMTVNTUAABAAAAMpCI4gAAAAAoAAAAAAAAACgAAAAGAbEdAAAADw=="), 40, std::nullopt},
        {"NTLM TlRMTVNTUAABAAAA", 12, std::nullopt},
        {"NTLM aGVsbG8=", 5, std::nullopt},
    }));
    CAPTURE(row.header);
    auto const token = parse_authorization(row.header).value().token;
    auto const result = readable(token);
    CHECK(result.size() == row.size);
    for (std::size_t i = 0; i < result.size(); ++i) {
        CAPTURE(i);
        auto const before = i < token.size() ? token[i] : std::byte{0};
        bool const changes = row.flags && i == 63;
        CHECK(result[i] == (changes ? static_cast<std::byte>(*row.flags) : before));
    }
    for (auto const* const capture :
         {"sdk/14-CCM_POST_ccm_system_windowsauth_request-auth-MP_ClientRegistration",
          "sccmwtf/03-CCM_POST_ccm_system_windowsauth_request-auth-MP_ClientRegistration"}) {
        auto const recorded = recorded_token(capture);
        CHECK(readable(recorded) == recorded);
    }
    CHECK(readable(recorded_token("sdk/13-CCM_POST_ccm_system_windowsauth_request-auth")).size() == 40);
}
