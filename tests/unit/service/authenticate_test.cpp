// SPDX-License-Identifier: Apache-2.0
// Who is believed to have sent a message (interfaces.md, "signatures demanded"): both modes, by endpoint.
#include "base/hex.hpp"
#include "base/time.hpp"
#include "db/media.hpp"
#include "endpoints/ddr/ddr.hpp"
#include "endpoints/file_collection/file_collection.hpp"
#include "endpoints/hardware_inventory/hardware_inventory.hpp"
#include "endpoints/location/location.hpp"
#include "endpoints/policy/policy.hpp"
#include "endpoints/registration/registration.hpp"
#include "endpoints/relay/relay.hpp"
#include "endpoints/software_inventory/software_inventory.hpp"
#include "endpoints/status/status.hpp"
#include "server/service/authenticate.hpp"
#include "server/wire/client_auth.hpp"
#include "server/wire/token.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/registration_request.hpp"
#include "tests/support/test_client.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace pointman;
using namespace pointman::test;
using namespace std::chrono_literals;
using config::RequireSignature;
using config::SiteMode;
using endpoints::EndpointInfo;

namespace {

constexpr std::string_view payload = "payload";
constexpr std::string_view pc1 = "GUID:11111111-1111-4111-8111-111111111111";
constexpr std::string_view pc2 = "GUID:22222222-2222-4222-8222-222222222222";
constexpr std::string_view proxy = "GUID:33333333-3333-4333-8333-333333333333";
constexpr std::string_view proxied = "GUID:44444444-4444-4444-8444-444444444444";
constexpr std::string_view blocked = "GUID:55555555-5555-4555-8555-555555555555";
constexpr std::string_view pending = "GUID:66666666-6666-4666-8666-666666666666";
constexpr std::string_view nobody = "GUID:99999999-9999-4999-8999-999999999999";
/// What boot media call themselves; registered nowhere.
constexpr std::string_view media_id = "{92153785-DA31-4172-8B9C-8B4DD8FE3F90}";

enum Key : std::size_t { key_pc1, key_pc2, key_proxy, key_blocked, key_pending, key_stranger, key_medium };

TimePoint at(std::string_view iso) {
    return parse_iso_time(iso).value();
}
auto const now = at("2026-11-23T12:00:00Z");

Bytes const& certificate_of(Key key) {
    static std::map<Key, Bytes> made;
    auto& certificate = made[key];
    if (certificate.empty()) certificate = self_signed_certificate(test_key(key));
    return certificate;
}

template <class T>
T required(Result<T> result) {
    if (!result) FAIL(describe(result.error()));
    return std::move(*result);
}

wire::Hook signed_by(Key key, std::string_view id) {
    return wire::make_client_auth(test_key(key), id, "PC", as_bytes(payload));
}

wire::Hook token_hook(Key key, std::string_view identity, TimePoint time = now) {
    return {
        "Hook2", "clientauth", {{"Token", wire::make_token_property(test_key(key), identity, time, true)}}};
}

wire::Header from(std::string_view source_id, std::optional<wire::Hook> hook = std::nullopt) {
    wire::Header header;
    header.source_id = source_id;
    if (hook) header.hooks.push_back(std::move(*hook));
    return header;
}

/// A site with a few clients. Certificates of the connection are taken to be trusted already: that is another
/// test's matter.
class Site {
public:
    explicit Site(SiteMode mode = SiteMode::mixed) {
        settings.site.mode = mode;
        add(pc1, key_pc1, db::Approval::approved);
        add(pc2, key_pc2, db::Approval::approved);
        add(proxy, key_proxy, db::Approval::approved);
        add(blocked, key_blocked, db::Approval::blocked);
        add(pending, key_pending, db::Approval::pending);
        add(proxied, key_proxy, db::Approval::approved, std::string(proxy));
    }

    void add_medium(Key key) {
        db::Medium medium;
        medium.name = "OSD Media Cert";
        medium.key_spki = test_key(key).public_key().spki();
        medium.key_sha256 = test_key(key).public_key().sha256();
        medium.certificate = certificate_of(key);
        required(store_->write_and_wait(
            [&](db::Transaction& transaction) { return db::Media::add(transaction, medium); }));
    }

    void set_approval(std::string_view id, db::Approval approval) {
        required(store_->write_and_wait([&](db::Transaction& transaction) -> Result<bool> {
            auto set =
                db::Clients::set_approval(transaction, ClientId::parse(id).value(), approval, "manual", now);
            if (!set) return std::unexpected(set.error());
            return true;
        }));
    }

    Result<service::Authentication> judge(EndpointInfo const& info, wire::Header const& header,
                                          BytesView certificate = {}, bool by_operator = false) {
        return store_->read([&](db::Session& session) {
            return service::authenticate(settings, info, header, as_bytes(payload),
                                         {certificate, trusts, now, by_operator}, session);
        });
    }

    /// "verified", "admitted", "medium", or the reason of the refusal.
    std::string outcome(EndpointInfo const& info, wire::Header const& header, BytesView certificate = {},
                        bool by_operator = false) {
        auto const judged = judge(info, header, certificate, by_operator);
        if (!judged) return std::string(name_of(judged.error().code));
        if (judged->medium) return "medium";
        return judged->signature_verified ? "verified" : "admitted";
    }

    config::Settings settings;
    endpoints::Trusts trusts = [](BytesView) -> Result<void> { return {}; };

private:
    void add(std::string_view id, Key key, db::Approval approval, std::optional<std::string> behind = {}) {
        db::Client client{.id = ClientId::parse(id).value()};
        client.name = std::string(id.substr(5, 8));
        client.approval = approval;
        client.key_spki = test_key(key).public_key().spki();
        client.key_sha256 = test_key(key).public_key().sha256();
        client.signing_certificate = certificate_of(key);
        if (behind) client.proxy = ClientId::parse(*behind).value();
        required(store_->write_and_wait(
            [&](db::Transaction& transaction) { return db::Clients::insert(transaction, client); }));
    }

    TemporaryDirectory directory_;
    std::unique_ptr<db::Store> store_ =
        required(db::Store::open({.database = directory_.path() / "pointman.db"}));
};

auto const& policy = endpoints::PolicyEndpoint::info;
auto const& location = endpoints::LocationEndpoint::info;
auto const& ddr = endpoints::DdrEndpoint::info;
auto const& hardware = endpoints::HardwareInventoryEndpoint::info;
auto const& software = endpoints::SoftwareInventoryEndpoint::info;
auto const& files = endpoints::FileCollectionEndpoint::info;
auto const& status = endpoints::StatusEndpoint::info;
auto const& relay = endpoints::RelayEndpoint::info;
auto const& registration = endpoints::RegistrationEndpoint::info;

} // namespace

TEST_CASE("what each endpoint demands of a registered sender") {
    struct Row {
        EndpointInfo const& info;
        std::string mixed_unsigned;
        std::string native_unsigned; ///< over TLS with its own certificate
        std::string when_signed = "verified";
        std::string badly_signed = "BadSignature";
    };
    std::vector<Row> const rows{
        {registration, "admitted", "admitted", "admitted", "admitted"},
        {policy, "BadSignature", "admitted"},
        {location, "admitted", "admitted"},
        {ddr, "BadSignature", "BadSignature"},
        {hardware, "BadSignature", "BadSignature"},
        {software, "BadSignature", "BadSignature"},
        {files, "BadSignature", "BadSignature"},
        {status, "admitted", "BadSignature"},
        {relay, "admitted", "admitted"},
    };
    Site mixed;
    Site native(SiteMode::native);
    auto const& own = certificate_of(key_pc1);
    for (auto const& row : rows) {
        INFO(row.info.name);
        CHECK(mixed.outcome(row.info, from(pc1)) == row.mixed_unsigned);
        CHECK(native.outcome(row.info, from(pc1), own) == row.native_unsigned);
        CHECK(mixed.outcome(row.info, from(pc1, signed_by(key_pc1, pc1))) == row.when_signed);
        CHECK(native.outcome(row.info, from(pc1, signed_by(key_pc1, pc1)), own) == row.when_signed);
        CHECK(mixed.outcome(row.info, from(pc1, signed_by(key_pc2, pc1))) == row.badly_signed);
        CHECK(native.outcome(row.info, from(pc1, signed_by(key_pc2, pc1)), own) == row.badly_signed);
    }
}

TEST_CASE("require_signature overrules what endpoints demand, not what they prove themselves") {
    struct Row {
        RequireSignature rule;
        EndpointInfo const& info;
        std::string unsigned_message;
        std::string signed_message;
        std::string badly_signed;
    };
    std::vector<Row> const rows{
        {RequireSignature::always, policy, "BadSignature", "verified", "BadSignature"},
        {RequireSignature::always, location, "BadSignature", "verified", "BadSignature"},
        {RequireSignature::always, relay, "BadSignature", "verified", "BadSignature"},
        {RequireSignature::always, registration, "admitted", "admitted", "admitted"},
        {RequireSignature::never, policy, "admitted", "admitted", "admitted"},
        {RequireSignature::never, ddr, "admitted", "admitted", "admitted"},
        {RequireSignature::never, registration, "admitted", "admitted", "admitted"},
    };
    for (auto const mode : {SiteMode::mixed, SiteMode::native}) {
        Site site(mode);
        BytesView const own = mode == SiteMode::native ? BytesView(certificate_of(key_pc1)) : BytesView{};
        for (auto const& row : rows) {
            CAPTURE(row.info.name, mode == SiteMode::native);
            site.settings.security.require_signature = row.rule;
            CHECK(site.outcome(row.info, from(pc1), own) == row.unsigned_message);
            CHECK(site.outcome(row.info, from(pc1, signed_by(key_pc1, pc1)), own) == row.signed_message);
            CHECK(site.outcome(row.info, from(pc1, signed_by(key_pc2, pc1)), own) == row.badly_signed);
        }
    }
}

TEST_CASE("who is no registered sender") {
    struct Row {
        char const* name;
        EndpointInfo const& info;
        wire::Header header;
        std::string mixed;
    };
    std::vector<Row> const rows{
        {"nobody asks for policy", policy, from(nobody, signed_by(key_stranger, nobody)), "UnknownClient"},
        {"policy without SourceID", policy, from(""), "UnknownClient"},
        {"an id that is none", ddr, from("PC1", signed_by(key_pc1, pc1)), "UnknownClient"},
        {"location without SourceID", location, from(""), "admitted"},
        {"a stranger's signature where none is demanded", location,
         from(nobody, signed_by(key_stranger, nobody)), "admitted"},
        {"a state message of nobody", relay, from(nobody), "admitted"},
        {"blocked, signed", ddr, from(blocked, signed_by(key_blocked, blocked)), "Blocked"},
        {"blocked, badly signed: the signature is not looked at", ddr,
         from(blocked, signed_by(key_pc1, blocked)), "Blocked"},
        {"blocked, where nothing is demanded", location, from(blocked), "Blocked"},
        {"blocked, asks for policy", policy, from(blocked, signed_by(key_blocked, blocked)), "Blocked"},
        {"not approved yet", ddr, from(pending, signed_by(key_pending, pending)), "verified"},
        {"not approved yet, asks for policy", policy, from(pending, signed_by(key_pending, pending)),
         "verified"},
        {"id in lower case", ddr, from("guid:11111111-1111-4111-8111-111111111111", signed_by(key_pc1, pc1)),
         "verified"},
        {"id in braces", ddr, from("{11111111-1111-4111-8111-111111111111}", signed_by(key_pc1, pc1)),
         "verified"},
        {"another client's key", ddr, from(pc2, signed_by(key_pc1, pc2)), "BadSignature"},
        {"another client's id under the right key", ddr, from(pc1, signed_by(key_pc1, pc2)), "BadSignature"},
    };
    Site site;
    for (auto const& row : rows) {
        INFO(row.name);
        CHECK(site.outcome(row.info, row.header) == row.mixed);
    }
}

TEST_CASE("a signer other than the sender is its proxy, as that is now") {
    Site site;
    CHECK(site.outcome(ddr, from(proxied, signed_by(key_proxy, proxied))) == "verified");
    CHECK(site.outcome(ddr, from(proxied, signed_by(key_pc1, proxied))) == "BadSignature");
    // A registered proxy speaks for its own clients only.
    CHECK(site.outcome(ddr, from(pc1, signed_by(key_proxy, pc1))) == "BadSignature");
    site.set_approval(proxy, db::Approval::blocked);
    CHECK(site.outcome(ddr, from(proxied, signed_by(key_proxy, proxied))) == "Blocked");
}

TEST_CASE("what an operator decides holds for the next message") {
    Site site;
    auto const message = from(pc1, signed_by(key_pc1, pc1));
    CHECK(site.outcome(ddr, message) == "verified");
    site.set_approval(pc1, db::Approval::blocked);
    CHECK(site.outcome(ddr, message) == "Blocked");
    site.set_approval(pc1, db::Approval::pending);
    CHECK(site.outcome(ddr, message) == "verified");
}

TEST_CASE("signatures of every kind that are none, in both modes") {
    struct Row {
        char const* name;
        char const* property;
        std::string value;
        std::string detail;
    };
    auto const good = signed_by(key_pc1, pc1);
    auto const signature = std::string(good.property("PayloadSignature").value());
    auto const hex = [](std::size_t bytes) { return std::string(2 * bytes, 'A'); };
    std::vector<Row> const rows{
        {"empty", "PayloadSignature", "", "PayloadSignature: does not verify"},
        {"odd number of digits", "PayloadSignature", signature.substr(1),
         "PayloadSignature: not hexadecimal"},
        {"no digits", "PayloadSignature", "signature", "PayloadSignature: not hexadecimal"},
        {"truncated", "PayloadSignature", signature.substr(2), "PayloadSignature: does not verify"},
        {"one byte too long", "PayloadSignature", signature + "00", "PayloadSignature: does not verify"},
        {"as long as an RSA-512 key's", "PayloadSignature", hex(64), "PayloadSignature: does not verify"},
        {"as long as an RSA-16384 key's", "PayloadSignature", hex(2048), "PayloadSignature: does not verify"},
        {"right length, wrong bytes", "PayloadSignature", hex(signature.size() / 2),
         "PayloadSignature: does not verify"},
        {"all zero", "PayloadSignature", std::string(signature.size(), '0'),
         "PayloadSignature: does not verify"},
        {"the id's signature", "PayloadSignature", std::string(good.property("ClientIDSignature").value()),
         "PayloadSignature: does not verify"},
        {"the payload's signature", "ClientIDSignature", signature, "ClientIDSignature: does not verify"},
        {"truncated id signature", "ClientIDSignature", signature.substr(2),
         "ClientIDSignature: does not verify"},
        {"odd id signature", "ClientIDSignature", "ABC", "ClientIDSignature: not hexadecimal"},
        {"hash that is not known", "HashAlgorithm", "1.2.840.113549.1.1.4", "HashAlgorithm: not known"},
        {"hash of the other generation", "HashAlgorithm", "1.2.840.113549.1.1.5",
         "PayloadSignature: does not verify"},
    };
    for (auto const mode : {SiteMode::mixed, SiteMode::native}) {
        Site site(mode);
        BytesView const own = mode == SiteMode::native ? BytesView(certificate_of(key_pc1)) : BytesView{};
        REQUIRE(site.outcome(ddr, from(pc1, good), own) == "verified");
        for (auto const& row : rows) {
            INFO(row.name);
            auto hook = good;
            std::ranges::find(hook.properties, row.property, &wire::Property::name)->value = row.value;
            auto const judged = site.judge(ddr, from(pc1, hook), own);
            REQUIRE_FALSE(judged);
            CHECK(judged.error().code == Code::bad_signature);
            CHECK(judged.error().message ==
                  "message signature not accepted"); // all that the outside may learn
            CHECK(judged.error().detail == row.detail);
        }
    }
}

TEST_CASE("a good id signature vouches for nothing but itself") {
    Site site;
    auto const good = signed_by(key_pc1, pc1);
    REQUIRE(site.outcome(ddr, from(pc1, good)) == "verified");
    // Remembered for pc1's key and id: neither another payload nor another sender may live on it.
    auto stolen = signed_by(key_pc2, pc2);
    std::ranges::find(stolen.properties, "ClientIDSignature", &wire::Property::name)->value =
        good.property("ClientIDSignature").value();
    CHECK(site.outcome(ddr, from(pc2, stolen)) == "BadSignature");
    auto replayed = good;
    std::ranges::find(replayed.properties, "PayloadSignature", &wire::Property::name)->value =
        to_hex(test_key(key_pc1).sign(as_bytes("another payload"), wire::Digest::sha256));
    CHECK(site.outcome(ddr, from(pc1, replayed)) == "BadSignature");
    CHECK(site.outcome(ddr, from(pc1, good)) == "verified");
}

TEST_CASE("native mode: the certificate of the connection is the sender's") {
    struct Row {
        char const* name;
        EndpointInfo const& info;
        wire::Header header;
        std::optional<Key> shown; ///< none: altauth
        std::string expected;
    };
    std::vector<Row> const rows{
        {"its own", relay, from(pc1), key_pc1, "admitted"},
        {"another client's", relay, from(pc1), key_pc2, "BadSignature"},
        {"another client's, well signed", ddr, from(pc1, signed_by(key_pc1, pc1)), key_pc2, "BadSignature"},
        {"its proxy's", relay, from(proxied), key_proxy, "admitted"},
        {"the proxy's for somebody else", relay, from(pc1), key_proxy, "BadSignature"},
        {"of a blocked client", relay, from(blocked), key_blocked, "Blocked"},
        {"of nobody who is registered", relay, from(nobody), key_stranger, "UnknownClient"},
        {"location without SourceID", location, from(""), key_pc1, "admitted"},
        {"none, unsigned policy", policy, from(pc1), std::nullopt, "BadSignature"},
        {"none, signed policy", policy, from(pc1, signed_by(key_pc1, pc1)), std::nullopt, "verified"},
        {"none, unsigned state message", relay, from(pc1), std::nullopt, "BadSignature"},
        {"none, location without SourceID", location, from(""), std::nullopt, "admitted"},
    };
    Site site(SiteMode::native);
    for (auto const& row : rows) {
        INFO(row.name);
        BytesView const shown = row.shown ? BytesView(certificate_of(*row.shown)) : BytesView{};
        CHECK(site.outcome(row.info, row.header, shown) == row.expected);
    }
}

TEST_CASE("tokens: policy takes them of registered clients and of boot media that are known") {
    struct Row {
        char const* name;
        EndpointInfo const& info;
        wire::Header header;
        std::string expected;
    };
    constexpr std::string_view unknown_machine = "22222222-2222-4222-8222-999999999999";
    std::vector<Row> const rows{
        {"a client's own", policy, from(pc1, token_hook(key_pc1, pc1)), "admitted"},
        {"in braces", policy, from(pc1, token_hook(key_pc1, "{11111111-1111-4111-8111-111111111111}")),
         "admitted"},
        {"of a proxied client", policy, from(proxied, token_hook(key_proxy, proxied)), "admitted"},
        {"another client's", policy, from(pc1, token_hook(key_pc2, pc2)), "BadSignature"},
        {"another client's key", policy, from(pc1, token_hook(key_pc2, pc1)), "BadSignature"},
        {"of a blocked client", policy, from(blocked, token_hook(key_blocked, blocked)), "Blocked"},
        {"an hour old", policy, from(pc1, token_hook(key_pc1, pc1, now - 1h)), "admitted"},
        {"older", policy, from(pc1, token_hook(key_pc1, pc1, now - 1h - 1s)), "BadSignature"},
        {"of tomorrow", policy, from(pc1, token_hook(key_pc1, pc1, now + 24h)), "BadSignature"},
        {"of a known medium", policy, from(unknown_machine, token_hook(key_medium, media_id)), "medium"},
        {"of a known medium, old", policy, from(unknown_machine, token_hook(key_medium, media_id, now - 2h)),
         "BadSignature"},
        {"of a medium that is not known", policy, from(unknown_machine, token_hook(key_stranger, media_id)),
         "BadSignature"},
        {"a medium in the name of a client", policy, from(pc1, token_hook(key_medium, media_id)),
         "BadSignature"},
        {"for a report", ddr, from(pc1, token_hook(key_pc1, pc1)), "BadSignature"},
        {"for a location request: it says nothing", location, from(pc1, token_hook(key_stranger, pc1)),
         "admitted"},
        {"broken", policy, from(pc1, wire::Hook{"Hook2", "clientauth", {{"Token", "ClientToken:"}}}),
         "BadSignature"},
    };
    Site site;
    site.add_medium(key_medium);
    for (auto const& row : rows) {
        INFO(row.name);
        CHECK(site.outcome(row.info, row.header) == row.expected);
    }
    site.settings.security.token_tolerance = 3h;
    CHECK(site.outcome(policy, from(pc1, token_hook(key_pc1, pc1, now - 2h))) == "admitted");
}

TEST_CASE("a medium's token where no media are known, and in native mode") {
    Site site;
    auto const message = from("22222222-2222-4222-8222-999999999999", token_hook(key_medium, media_id));
    CHECK(site.outcome(policy, message) == "UnknownClient");

    Site native(SiteMode::native);
    native.add_medium(key_medium);
    CHECK(native.outcome(policy, message) == "medium");
    CHECK(native.outcome(policy, message, certificate_of(key_medium)) == "medium");
    CHECK(native.outcome(policy, message, certificate_of(key_pc1)) == "BadSignature");
}

TEST_CASE("over the local socket, what is unsigned counts as signed where it is the operator's") {
    struct Row {
        char const* name;
        EndpointInfo const& info;
        wire::Header header;
        std::string mixed; ///< of the operator
        std::string native;
        std::string mixed_other; ///< of another user
        std::string native_other;
    };
    std::vector<Row> const rows{
        {"a report", ddr, from(pc1), "verified", "verified", "BadSignature", "BadSignature"},
        {"policy", policy, from(pc1), "verified", "verified", "BadSignature", "BadSignature"},
        {"where mixed mode demands nothing", status, from(pc1), "verified", "verified", "admitted",
         "BadSignature"},
        {"a state message", relay, from(pc1), "verified", "verified", "admitted", "BadSignature"},
        {"of a proxied client", ddr, from(proxied), "verified", "verified", "BadSignature", "BadSignature"},
        {"well signed", ddr, from(pc1, signed_by(key_pc1, pc1)), "verified", "verified", "verified",
         "verified"},
        {"badly signed", ddr, from(pc1, signed_by(key_pc2, pc1)), "BadSignature", "BadSignature",
         "BadSignature", "BadSignature"},
        {"badly signed, where nothing is demanded", relay, from(pc1, signed_by(key_pc2, pc1)), "BadSignature",
         "BadSignature", "BadSignature", "BadSignature"},
        {"a token that is another's", policy, from(pc1, token_hook(key_pc2, pc1)), "BadSignature",
         "BadSignature", "BadSignature", "BadSignature"},
        {"a good token: it proves who sends, not what", policy, from(pc1, token_hook(key_pc1, pc1)),
         "admitted", "admitted", "admitted", "admitted"},
        {"not approved yet", ddr, from(pending), "verified", "verified", "BadSignature", "BadSignature"},
        {"blocked", ddr, from(blocked), "Blocked", "Blocked", "Blocked", "Blocked"},
        {"blocked, where nothing is demanded", location, from(blocked), "Blocked", "Blocked", "Blocked",
         "Blocked"},
        {"nobody who is registered", ddr, from(nobody), "UnknownClient", "UnknownClient", "UnknownClient",
         "UnknownClient"},
        {"nobody at all", policy, from(""), "UnknownClient", "UnknownClient", "UnknownClient",
         "UnknownClient"},
        {"location without SourceID", location, from(""), "admitted", "admitted", "admitted", "admitted"},
        {"a registration proves itself", registration, from(pc1), "admitted", "admitted", "admitted",
         "admitted"},
    };
    Site mixed;
    Site native(SiteMode::native);
    for (auto const& row : rows) {
        INFO(row.name);
        CHECK(mixed.outcome(row.info, row.header, {}, true) == row.mixed);
        CHECK(native.outcome(row.info, row.header, {}, true) == row.native);
        CHECK(mixed.outcome(row.info, row.header, {}, false) == row.mixed_other);
        CHECK(native.outcome(row.info, row.header, {}, false) == row.native_other);
    }
}

TEST_CASE("the operator is no way around require_signature, nor around a revoked certificate") {
    struct Row {
        RequireSignature rule;
        std::string expected; ///< as a signed message of the same client
    };
    Site site;
    for (auto const& row :
         {Row{RequireSignature::always, "verified"}, Row{RequireSignature::never, "admitted"},
          Row{RequireSignature::endpoint, "verified"}}) {
        site.settings.security.require_signature = row.rule;
        CHECK(site.outcome(ddr, from(pc1), {}, true) == row.expected);
        CHECK(site.outcome(ddr, from(pc1, signed_by(key_pc1, pc1))) == row.expected);
    }
    Site native(SiteMode::native);
    native.trusts = [](BytesView) -> Result<void> { return fail(Code::bad_signature, "revoked"); };
    CHECK(native.outcome(ddr, from(pc1), {}, true) == "BadSignature");
}
