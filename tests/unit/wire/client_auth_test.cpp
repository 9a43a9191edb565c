// SPDX-License-Identifier: Apache-2.0
#include "base/hex.hpp"
#include "server/wire/client_auth.hpp"
#include "tests/unit/wire/support.hpp"

using namespace pointman;
using namespace pointman::test;
using wire::Digest;
using wire::Hook;
using wire::PrivateKey;

namespace {

constexpr std::string_view id = "GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3";
constexpr std::string_view payload = "payload";

PrivateKey const& test_key() {
    static auto const key = PrivateKey::generate(1024);
    return key;
}

Hook good_hook() {
    return wire::make_client_auth(test_key(), id, "LABPC01", as_bytes(payload));
}

std::string& value_of(Hook& hook, std::string_view name) {
    auto const found = std::ranges::find(hook.properties, name, &wire::Property::name);
    REQUIRE(found != hook.properties.end());
    return found->value;
}

void erase(Hook& hook, std::string_view name) {
    std::erase_if(hook.properties, [&](wire::Property const& p) { return p.name == name; });
}

std::string id_signature(std::string_view text, Digest digest = Digest::sha256, bool bare = false) {
    return to_hex(test_key().sign(wire::signed_text(text), digest, bare));
}

std::string payload_signature(Digest digest, bool bare = false) {
    return to_hex(test_key().sign(as_bytes(payload), digest, bare));
}

} // namespace

TEST_CASE("the hook has the recorded clients' properties in their order") {
    auto const hook = good_hook();
    CHECK(hook.element == "Hook2");
    CHECK(hook.name == "clientauth");
    std::vector<std::string> names;
    for (auto const& property : hook.properties) names.push_back(property.name);
    CHECK(names == std::vector<std::string>{"AuthSenderMachine", "PublicKey", "ClientIDSignature",
                                            "PayloadSignature", "ClientCapabilities", "HashAlgorithm"});
    CHECK(hook.property("AuthSenderMachine") == "LABPC01");
    CHECK(hook.property("PublicKey") == to_hex(test_key().public_key().blob()));
    CHECK(hook.property("ClientCapabilities") == "NonSSL");
    CHECK(hook.property("HashAlgorithm") == "1.2.840.113549.1.1.11");
}

TEST_CASE("hooks that verify") {
    struct Row {
        char const* name;
        void (*change)(Hook&);
        std::string_view source_id = id;
    };
    auto const row = GENERATE(values<Row>({
        {"as made", [](Hook&) {}},
        {"hexadecimal in lower case",
         [](Hook& h) { value_of(h, "PayloadSignature") = to_lower(value_of(h, "PayloadSignature")); }},
        {"no id signature", [](Hook& h) { erase(h, "ClientIDSignature"); }},
        {"no public key: it is a hint only", [](Hook& h) { erase(h, "PublicKey"); }},
        {"another public key: it is a hint only", [](Hook& h) { value_of(h, "PublicKey") = "00"; }},
        {"id signed in braces behind GUID:",
         [](Hook& h) {
             value_of(h, "ClientIDSignature") = id_signature("GUID:{5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3}");
         }},
        {"id signed in braces alone",
         [](Hook& h) {
             value_of(h, "ClientIDSignature") = id_signature("{5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3}");
         }},
        {"SourceID in braces, signed with GUID:", [](Hook&) {}, "{5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3}"},
        {"SourceID in lower case, signed so",
         [](Hook& h) {
             value_of(h, "ClientIDSignature") = id_signature("guid:5b0c7a52-3f61-4e0a-9d11-27a8c4e0f1b3");
         },
         "guid:5b0c7a52-3f61-4e0a-9d11-27a8c4e0f1b3"},
        {"SourceID that is no GUID, signed as it is",
         [](Hook& h) { value_of(h, "ClientIDSignature") = id_signature("PROXY1"); }, "PROXY1"},
        {"SHA-1 announced by absence",
         [](Hook& h) {
             erase(h, "HashAlgorithm");
             value_of(h, "ClientIDSignature") = id_signature(id, Digest::sha1);
             value_of(h, "PayloadSignature") = payload_signature(Digest::sha1);
         }},
        {"digests without DigestInfo",
         [](Hook& h) {
             value_of(h, "ClientIDSignature") = id_signature(id, Digest::sha256, true);
             value_of(h, "PayloadSignature") = payload_signature(Digest::sha256, true);
         }},
        {"SHA-512",
         [](Hook& h) {
             value_of(h, "HashAlgorithm") = "1.2.840.113549.1.1.13";
             value_of(h, "ClientIDSignature") = id_signature(id, Digest::sha512);
             value_of(h, "PayloadSignature") = payload_signature(Digest::sha512);
         }},
    }));
    INFO(row.name);
    auto hook = good_hook();
    row.change(hook);
    CHECK(verify_client_auth(hook, test_key().public_key(), row.source_id, as_bytes(payload)));
}

TEST_CASE("hooks that do not verify say why") {
    struct Row {
        char const* name;
        void (*change)(Hook&);
        char const* detail;
        std::string_view source_id = id;
    };
    auto const row = GENERATE(values<Row>({
        {"no payload signature", [](Hook& h) { erase(h, "PayloadSignature"); }, "PayloadSignature: missing"},
        {"only a token",
         [](Hook& h) {
             h.properties = {{"Token", "ClientToken:x\n"}};
         },
         "PayloadSignature: missing"},
        {"no hexadecimal", [](Hook& h) { value_of(h, "PayloadSignature") = "XY"; },
         "PayloadSignature: not hexadecimal"},
        {"empty", [](Hook& h) { value_of(h, "PayloadSignature").clear(); },
         "PayloadSignature: does not verify"},
        {"other payload", [](Hook& h) { value_of(h, "PayloadSignature") = id_signature(id); },
         "PayloadSignature: does not verify"},
        {"other digest than announced", [](Hook& h) { value_of(h, "HashAlgorithm") = "1.3.14.3.2.26"; },
         "PayloadSignature: does not verify"},
        {"unknown digest", [](Hook& h) { value_of(h, "HashAlgorithm") = "1.2.3"; },
         "HashAlgorithm: not known"},
        {"id signature without hexadecimal", [](Hook& h) { value_of(h, "ClientIDSignature") = "0"; },
         "ClientIDSignature: not hexadecimal"},
        {"id signature of another id",
         [](Hook& h) {
             value_of(h, "ClientIDSignature") = id_signature("GUID:00000000-0000-0000-0000-000000000000");
         },
         "ClientIDSignature: does not verify"},
        {"another source id", [](Hook&) {}, "ClientIDSignature: does not verify",
         "GUID:00000000-0000-0000-0000-000000000000"},
        {"no source id", [](Hook&) {}, "ClientIDSignature: does not verify", ""},
    }));
    INFO(row.name);
    auto hook = good_hook();
    row.change(hook);
    auto const result = verify_client_auth(hook, test_key().public_key(), row.source_id, as_bytes(payload));
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Code::bad_signature);
    CHECK(result.error().message == "message signature not accepted");
    CHECK(result.error().detail == row.detail);
}

TEST_CASE("the registered key decides, not the one in the hook") {
    auto const other = PrivateKey::generate(1024);
    auto const result = verify_client_auth(good_hook(), other.public_key(), id, as_bytes(payload));
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Code::bad_signature);
}
