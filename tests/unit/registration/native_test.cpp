// SPDX-License-Identifier: Apache-2.0
// Native mode: the certificate in Signing is one of the site's PKI and the one that the connection shows.
#include "tests/unit/registration/desk.hpp"

#include <catch2/catch.hpp>

using namespace pointman;
using namespace pointman::test;

namespace {

constexpr auto client_id = "GUID:00000000-0000-0000-0000-00000000000A";
constexpr auto proxy_id = "GUID:00000000-0000-0000-0000-0000000000F0";

/// A desk in native mode that trusts the certificates named to it.
class NativeDesk : public Desk {
public:
    NativeDesk() {
        settings.site.mode = config::SiteMode::native;
        trusts = [this](BytesView certificate) -> Result<void> {
            for (auto const& known : trusted) {
                if (std::ranges::equal(known, certificate)) return {};
            }
            return fail(Code::bad_signature, "not trusted");
        };
    }
    std::vector<Bytes> trusted;
};

RegistrationRequest asking(wire::PrivateKey const& key, std::string_view name = "PC1") {
    return registration_of(key, name);
}

} // namespace

TEST_CASE("Signing must be trusted, and the certificate that the connection shows") {
    auto const request = asking(test_key(0));
    auto const own = request.signing_certificate;
    auto const other = asking(test_key(1)).signing_certificate;
    struct Row {
        std::string name;
        std::vector<Bytes> trusted;
        Bytes shown;
        int native;
        std::string why;
    };
    auto const row = GENERATE_COPY(values<Row>({
        {"over TLS with it", {}, own, 0, ""}, // what is shown was judged before
        {"over altauth, trusted", {own}, {}, 0, ""},
        {"over altauth, not trusted", {other}, {}, 3, "not trusted"},
        {"over another's connection",
         {own, other},
         other,
         3,
         "the certificate in Signing is another than the TLS client's"},
    }));
    INFO(row.name);
    NativeDesk desk;
    desk.trusted = row.trusted;
    desk.tls_certificate = row.shown;
    auto const answer = desk.submit(test_key(0), request);
    CHECK(answer.status == row.native);
    CHECK(answer.approval == (row.native == 0 ? "2" : ""));
    CHECK((answer.error ? answer.error->message : "") == row.why);
    CHECK(desk.clients().size() == (row.native == 0 ? 1 : 0));

    // Mixed mode takes any.
    desk.settings.site.mode = config::SiteMode::mixed;
    CHECK(desk.submit(test_key(0), request).status == 0);
}

TEST_CASE("certificates that can't be a client's are refused in both modes") {
    auto const mode = GENERATE(config::SiteMode::mixed, config::SiteMode::native);
    Desk desk;
    desk.settings.site.mode = mode;
    auto request = asking(test_key(0));
    SECTION("cut short") {
        request.signing_certificate.pop_back();
    }
    SECTION("none") {
        request.signing_certificate.clear();
    }
    SECTION("another's") {
        request.signing_certificate = asking(test_key(1)).signing_certificate;
    }
    CHECK(desk.submit(test_key(0), request).status == 3);
    CHECK(desk.clients().empty());
}

TEST_CASE("the certificate is the approval, whatever is approved by itself") {
    auto const rule =
        GENERATE(config::AutoApprove::none, config::AutoApprove::integrated, config::AutoApprove::all);
    Desk desk;
    desk.settings.site.mode = config::SiteMode::native;
    desk.settings.security.auto_approve = rule;
    auto const answer = desk.submit(test_key(0), asking(test_key(0)), "LAB\\PC1$");
    REQUIRE(answer.status == 0);
    CHECK(answer.approval == "2");
    auto const client = desk.client(answer.smsid).value();
    CHECK(client.approval == db::Approval::not_applicable);
    CHECK(client.approval_method == "certificate");

    SECTION("a client that was approved or waits is lifted, a blocked one is not") {
        for (auto const before : {db::Approval::pending, db::Approval::approved}) {
            desk.set_approval(answer.smsid, before);
            CHECK(desk.submit(test_key(0), asking(test_key(0))).approval == "2");
            CHECK(desk.client(answer.smsid)->approval == db::Approval::not_applicable);
        }
        desk.set_approval(answer.smsid, db::Approval::blocked);
        CHECK(desk.submit(test_key(0), asking(test_key(0))).status == 3);
        CHECK(desk.client(answer.smsid)->approval == db::Approval::blocked);
    }
}

TEST_CASE("the encryption certificate is not looked at") {
    Desk desk;
    auto request = asking(test_key(0));
    request.encryption_certificate = to_bytes("rubbish");
    CHECK(desk.submit(test_key(0), request).status == 3);
    desk.settings.site.mode = config::SiteMode::native;
    auto const answer = desk.submit(test_key(0), request);
    REQUIRE(answer.status == 0);
    CHECK(desk.client(answer.smsid)->encryption_certificate.empty());
}

TEST_CASE("a known key in a renewed certificate is kept with the former one") {
    NativeDesk desk;
    auto request = asking(test_key(0));
    desk.tls_certificate = request.signing_certificate;
    auto const first = desk.submit(test_key(0), request);
    auto const former = request.signing_certificate;
    request.signing_certificate = self_signed_certificate(test_key(0), {.common_name = "RENEWED"});
    desk.tls_certificate = request.signing_certificate;
    CHECK(desk.submit(test_key(0), request).smsid == first.smsid);
    auto const client = desk.client(first.smsid).value();
    CHECK(client.signing_certificate == request.signing_certificate);
    auto const keys =
        desk.store().read([&](db::Session& session) { return db::Clients(session).keys(client.id); });
    REQUIRE(keys->size() == 2);
    CHECK(keys->at(0).signing_certificate == former);
}

TEST_CASE("a confirmation comes with the registered certificate") {
    NativeDesk desk;
    auto const client = record_of(test_key(0), client_id, "PC1");
    desk.insert(client);
    auto const confirmation = confirmation_of(client_id);
    auto const status = [&](Bytes shown) {
        desk.tls_certificate = std::move(shown);
        return desk.submit(test_key(0), confirmation).status;
    };
    CHECK(status(client.signing_certificate) == 0);
    CHECK(status(self_signed_certificate(test_key(1))) == 3);
    CHECK(status({}) == 3); // over altauth, while it is not trusted
    desk.trusted = {client.signing_certificate};
    CHECK(status({}) == 0);
}

TEST_CASE("a proxied client comes with the proxy's certificate") {
    NativeDesk desk;
    auto proxy = record_of(test_key(0), proxy_id, "PROXY");
    proxy.agent_type = 4;
    desk.insert(proxy);
    auto request = asking(test_key(0), "PRINTER");
    request.signing_certificate = proxy.signing_certificate;
    request.agent_type = 8;
    request.smsid = client_id;
    request.signer_smsid = proxy_id;
    auto const other = self_signed_certificate(test_key(1));
    auto const status = [&](Bytes shown, std::vector<Bytes> trusted) {
        desk.tls_certificate = std::move(shown);
        desk.trusted = std::move(trusted);
        return desk.submit(test_key(0), request).status;
    };
    CHECK(status(other, {proxy.signing_certificate, other}) == 3);
    CHECK(status({}, {}) == 3);
    CHECK(desk.clients().size() == 1);
    CHECK(status(proxy.signing_certificate, {}) == 0);
    CHECK(status({}, {proxy.signing_certificate}) == 0);
    CHECK(desk.client(client_id)->approval == db::Approval::not_applicable);
}
