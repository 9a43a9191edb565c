// SPDX-License-Identifier: Apache-2.0
// Which certificates of clients are trusted, and where that lets them in.
#include "server/certificate_gate.hpp"
#include "server/tls/client_trust.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/test_pki.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <fstream>

using namespace pointman;
using namespace pointman::test;
using namespace std::chrono_literals;
using config::CrlCheck;

namespace {

/// A PKI of two storeys and the clients that it has, made once.
struct Pki {
    TestAuthority root = TestAuthority::root("Root");
    TestAuthority issuing = root.below("Issuing");
    TestAuthority stranger = TestAuthority::root("Stranger");
    Credentials client = root.issue();
    Credentials deep_client = issuing.issue();
};

Pki const& pki() {
    static Pki const made;
    return made;
}

/// Files of CAs and lists, and the trust read from them.
class Office {
public:
    explicit Office(CrlCheck check = CrlCheck::off, std::string const& lists = {},
                    std::string const& authorities = pki().root.pem()) {
        write("ca.pem", authorities);
        options.authorities = {path("ca.pem")};
        options.crl_check = check;
        if (!lists.empty()) {
            write("crl.pem", lists);
            options.crls = {path("crl.pem")};
        }
    }

    void write(std::string const& name, std::string const& text) const { std::ofstream(path(name)) << text; }
    std::filesystem::path path(std::string const& name) const { return directory_.path() / name; }

    tls::ClientTrust& trust() {
        if (!trust_) {
            auto loaded = tls::ClientTrust::load(
                options, clock, [this](std::string_view line) { notices.emplace_back(line); });
            if (!loaded) FAIL(describe(loaded.error()));
            trust_ = std::move(*loaded);
        }
        return *trust_;
    }

    ManualClock clock{pki_time};
    tls::TrustOptions options;
    std::vector<std::string> notices;

private:
    TemporaryDirectory directory_;
    std::unique_ptr<tls::ClientTrust> trust_;
};

tls::Peer peer_of(Bytes leaf, std::vector<Bytes> intermediates = {}) {
    tls::Shown shown;
    shown.leaf = std::move(leaf);
    shown.intermediates = std::move(intermediates);
    return tls::Peer(std::move(shown));
}

std::string outcome(Result<void> const& result) {
    return result ? std::string("trusted") : describe(result.error());
}

std::string not_trusted(std::string_view subject, std::string_view issuer, std::string_view why) {
    return fmt::format("BadSignature: the certificate of CN={}, issued by CN={}, is not trusted: {}", subject,
                       issuer, why);
}

/// What the gate answers over TLS on a path that needs a certificate; 0 = it lets pass.
unsigned status_of(tls::ClientTrust const& trust, tls::Peer* peer, config::SiteMode mode,
                   config::ClientCertificates certificates, std::string_view path = "/ccm_system/request") {
    config::Settings settings;
    settings.site.mode = mode;
    settings.tls.client_certificates = certificates;
    SystemClock const clock;
    service::FailureLimit failures(10, clock);
    CertificateGate const gate(settings, trust, failures);
    auto const refusal = gate.check({"CCM_POST", path, true, "192.0.2.1", peer});
    // Whoever shows nothing has not tried.
    CHECK(failures.failures() == (refusal && peer != nullptr && peer->has_certificate() ? 1U : 0U));
    CHECK(gate.refusals() == (refusal ? 1U : 0U));
    return refusal ? refusal->refuse_status : 0;
}

void check_modes(tls::ClientTrust const& trust, tls::Peer* peer, bool trusted) {
    using config::ClientCertificates;
    using config::SiteMode;
    auto const refused = trusted ? 0U : 403U;
    CHECK(status_of(trust, peer, SiteMode::mixed, ClientCertificates::optional) == 0);
    CHECK(status_of(trust, peer, SiteMode::mixed, ClientCertificates::required) == refused);
    CHECK(status_of(trust, peer, SiteMode::native, ClientCertificates::required) == refused);
    for (auto const* const path :
         {"/ccm_system_windowsauth", "/ccm_system_windowsauth/request", "/ccm_incoming/{0}",
          "/ccm_system/elsewhere", "/sms_mp/.sms_aut", "/sms_mp/.sms_pol", "/sms_mp_windowsauth/.sms_pol",
          "/sms_mp_windowsauth", "/sms_mp/"})
        CHECK(status_of(trust, peer, SiteMode::native, ClientCertificates::required, path) == refused);
    for (auto const* const path :
         {"/ccm_system_altauth/request", "/ccm_system_altauth/", "/health", "/metrics", "/ccm_systems",
          "/sms_mp_altauth/.sms_aut", "/sms_mp_altauth/.sms_pol", "/sms_mp_tokenauth/.sms_pol", "/sms_mps",
          "/sms_mp_windowsauths"})
        CHECK(status_of(trust, peer, SiteMode::native, ClientCertificates::required, path) == 0);
}

} // namespace

TEST_CASE("Every odd certificate has its outcome, and its status in every mode") {
    auto const& p = pki();
    auto const expired = p.root.issue({.not_after = pki_time});
    auto const last_second = p.root.issue({.not_after = pki_time + 1s});
    auto const future = p.root.issue({.not_before = pki_time + 1s});
    auto const from_now = p.root.issue({.not_before = pki_time});
    auto const for_servers = p.root.issue({.purpose = "serverAuth"});
    auto const for_anything = p.root.issue({.purpose = "anyExtendedKeyUsage"});
    auto const for_both = p.root.issue({.purpose = "serverAuth,clientAuth"});
    auto const unlimited = p.root.issue({.purpose = ""});
    auto const decrypting = p.root.issue({.key_usage = "keyEncipherment", .purpose = "anyExtendedKeyUsage"});
    auto const foreign = p.stranger.issue();
    auto const lonely = self_signed();
    auto const expired_issuer = p.root.below("Expired CA", {.not_after = pki_time - 1s});
    auto const orphan = expired_issuer.issue();
    auto const from_client = TestAuthority::root("Root").issue(); // a forger's root of the same name

    // The intermediates of a chain of twenty.
    std::vector<Bytes> many;
    auto last = p.root.below("CA 1");
    many.push_back(last.der());
    for (int i = 2; i <= 18; ++i) {
        last = last.below(fmt::format("CA {}", i));
        many.insert(many.begin(), last.der());
    }
    auto const twentieth = last.issue();
    tls::Shown long_chain;
    long_chain.leaf = twentieth.der();
    long_chain.excessive = true; // what shown_by makes of it
    auto const too_deep = std::vector(many.begin() + 7, many.end());

    auto cut = p.client.der();
    cut.pop_back();
    auto longer = p.client.der();
    longer.push_back(std::byte{0});

    struct Row {
        std::string name;
        tls::Peer peer;
        std::string expected;
    };
    std::vector<Row> rows;
    auto add = [&rows](std::string name, tls::Peer peer, std::string expected = "trusted") {
        rows.push_back({std::move(name), std::move(peer), std::move(expected)});
    };
    add("good", peer_of(p.client.der()));
    add("good, below an intermediate", peer_of(p.deep_client.der(), {p.issuing.der()}));
    add("good, with the root and another's CA behind it",
        peer_of(p.deep_client.der(), {p.stranger.der(), p.root.der(), p.issuing.der()}));
    add("the intermediate is missing", peer_of(p.deep_client.der()),
        not_trusted("PC1", "Issuing", "unable to get local issuer certificate"));
    add("self-signed", peer_of(lonely.der()), not_trusted("PC1", "PC1", "self-signed certificate"));
    add("of an unknown CA", peer_of(foreign.der()),
        not_trusted("PC1", "Stranger", "unable to get local issuer certificate"));
    add("of an unknown CA that comes with it", peer_of(foreign.der(), {p.stranger.der()}),
        not_trusted("PC1", "Stranger", "self-signed certificate in certificate chain (CN=Stranger)"));
    add("of a CA with the name of ours", peer_of(from_client.der()),
        not_trusted("PC1", "Root", "unable to get local issuer certificate"));
    add("expired", peer_of(expired.der()), not_trusted("PC1", "Root", "certificate has expired"));
    add("in its last second", peer_of(last_second.der()));
    add("not yet valid", peer_of(future.der()), not_trusted("PC1", "Root", "certificate is not yet valid"));
    add("valid from now", peer_of(from_now.der()));
    add("of an expired CA", peer_of(orphan.der(), {expired_issuer.der()}),
        not_trusted("PC1", "Expired CA", "certificate has expired (CN=Expired CA)"));
    add("for servers", peer_of(for_servers.der()),
        not_trusted("PC1", "Root", "unsuitable certificate purpose"));
    add("for servers and clients", peer_of(for_both.der()));
    add("for any purpose", peer_of(for_anything.der()));
    add("without extended key usage", peer_of(unlimited.der()));
    add("for any purpose, but its key must not sign", peer_of(decrypting.der()),
        not_trusted("PC1", "Root", "unsuitable certificate purpose"));
    add("a CA's, in a client's place", peer_of(p.issuing.der()),
        not_trusted("Issuing", "Root", "it is that of a CA"));
    add("the root's, in a client's place", peer_of(p.root.der()),
        not_trusted("Root", "Root", "it is that of a CA"));
    add("a chain of twenty", tls::Peer(long_chain),
        fmt::format("BadSignature: the certificate is not trusted: more than 8 certificates or {} bytes came "
                    "with it",
                    tls::Shown::max_intermediate_bytes));
    add("a chain deeper than what may come with it", peer_of(twentieth.der(), too_deep),
        not_trusted("PC1", "CA 18", "unable to get local issuer certificate"));
    add("cut short", peer_of(cut), "Malformed: the certificate cannot be decoded");
    add("something behind it", peer_of(longer), "Malformed: the certificate cannot be decoded");
    add("no DER", peer_of(to_bytes("rubbish")), "Malformed: the certificate cannot be decoded");
    add("rubbish behind a good one", peer_of(p.client.der(), {to_bytes("rubbish")}));

    Office office;
    for (auto& row : rows) {
        INFO(row.name);
        CHECK(outcome(office.trust().judge(row.peer)) == row.expected);
        check_modes(office.trust(), &row.peer, row.expected == "trusted");
    }
}

TEST_CASE("A client without a certificate, and one without TLS") {
    using config::ClientCertificates;
    Office office;
    tls::Peer none{tls::Shown{}};
    check_modes(office.trust(), &none, false);

    config::Settings settings;
    settings.tls.client_certificates = ClientCertificates::required;
    service::FailureLimit failures(10, office.clock);
    CertificateGate const gate(settings, office.trust(), failures);
    struct Row {
        char const* path;
        bool open;
    };
    for (auto const mode : {config::SiteMode::mixed, config::SiteMode::native}) {
        settings.site.mode = mode;
        for (auto const& row :
             {Row{"/ccm_system/request", false}, Row{"/ccm_system_windowsauth/", false},
              Row{"/ccm_system_altauth/request", false}, Row{"/ccm_incoming/x", false},
              Row{"/sms_mp/.sms_aut", false}, Row{"/sms_mp_altauth/.sms_aut", false},
              Row{"/sms_mp/.sms_pol", false}, Row{"/sms_mp_altauth/.sms_pol", false},
              Row{"/sms_mp_tokenauth/.sms_pol", false}, Row{"/sms_mp_windowsauth/.sms_pol", false},
              Row{"/health", true}, Row{"/metrics", true}}) {
            INFO(row.path);
            auto const refusal = gate.check({"GET", row.path, false, "192.0.2.1", nullptr});
            CHECK(refusal.has_value() == (mode == config::SiteMode::native && !row.open));
            if (refusal) CHECK(refusal->refuse_reason == "in native mode clients come over TLS");
            // Nobody else hears what is said over the local socket.
            CHECK_FALSE(gate.check({"GET", row.path, false, "uid 1000, pid 4711", nullptr, true}));
        }
    }
}

TEST_CASE("Where no CA is configured nobody is trusted") {
    Office office;
    office.options.authorities.clear();
    auto peer = peer_of(pki().client.der());
    CHECK(outcome(office.trust().judge(peer)) ==
          "BadSignature: the certificate is not trusted: tls.client_ca is empty");
    check_modes(office.trust(), &peer, false);
}

TEST_CASE("An intermediate among the CAs serves certificates that come alone") {
    Office office(CrlCheck::off, {}, pki().issuing.pem() + pki().root.pem());
    CHECK(outcome(office.trust().judge(pki().deep_client.der())) == "trusted");
    CHECK(outcome(Office().trust().judge(pki().deep_client.der())) ==
          not_trusted("PC1", "Issuing", "unable to get local issuer certificate"));
    CHECK(outcome(office.trust().judge(as_bytes("rubbish"))) ==
          "Malformed: the certificate cannot be decoded");
}

TEST_CASE("Revocation lists, hard, soft and off") {
    auto const& p = pki();
    auto const clean = p.root.list() + p.issuing.list();
    auto const leaf_revoked = p.root.list() + p.issuing.list({.revoked = {p.deep_client.certificate.get()}});
    auto const issuer_revoked = p.root.list({.revoked = {p.issuing.certificate()}}) + p.issuing.list();
    auto const stale_terms = ListTerms{.next_update = pki_time};
    auto const stale = p.root.list() + p.issuing.list(stale_terms);
    auto const early = p.root.list() + p.issuing.list({.this_update = pki_time + 1s});
    auto const stale_and_revoked =
        p.root.list() +
        p.issuing.list({.revoked = {p.deep_client.certificate.get()}, .next_update = pki_time});
    auto const renewed = stale + p.issuing.list({.this_update = pki_time});
    // By a CA of the same name with another key.
    auto const forged = p.root.list() + TestAuthority::root("Issuing").list();

    auto const refused = [](std::string_view why) { return not_trusted("PC1", "Issuing", why); };
    std::string const good = "trusted";
    struct Row {
        std::string name;
        std::string lists;
        std::string hard;
        std::string soft;
        bool noticed = false; ///< with soft
    };
    Row const rows[] = {
        {"nobody revoked", clean, good, good},
        {"the leaf revoked", leaf_revoked, refused("certificate revoked"), refused("certificate revoked")},
        {"the intermediate revoked", issuer_revoked, refused("certificate revoked (CN=Issuing)"),
         refused("certificate revoked (CN=Issuing)")},
        {"no list of the intermediate", p.root.list(), refused("unable to get certificate CRL"), good, true},
        {"no list of the root", p.issuing.list(), refused("unable to get certificate CRL (CN=Issuing)"), good,
         true},
        {"a list out of date", stale, refused("CRL has expired"), good, true},
        {"a list of the future", early, refused("CRL is not yet valid"), good, true},
        {"a list out of date that has it", stale_and_revoked, refused("CRL has expired"),
         refused("certificate revoked"), true},
        {"an old list and a new one", renewed, good, good},
        {"a list with another's signature", forged, refused("CRL signature failure"), good, true},
        {"another CA's list", p.stranger.list(), refused("unable to get certificate CRL"), good, true},
    };
    for (auto const& row : rows) {
        for (auto const check : {CrlCheck::hard, CrlCheck::soft, CrlCheck::off}) {
            INFO(row.name << ", check " << static_cast<int>(check));
            Office office(check, row.lists);
            auto peer = peer_of(p.deep_client.der(), {p.issuing.der()});
            auto const expected = check == CrlCheck::hard   ? row.hard
                                  : check == CrlCheck::soft ? row.soft
                                                            : good;
            CHECK(outcome(office.trust().judge(peer)) == expected);
            check_modes(office.trust(), &peer, expected == good);
            CHECK(office.notices.empty() != (check == CrlCheck::soft && row.noticed));
        }
    }
}

TEST_CASE("Lists that are passed over are told once a minute") {
    Office office(CrlCheck::soft, pki().stranger.list());
    auto const judge = [&office] {
        auto peer = peer_of(pki().client.der());
        CHECK(office.trust().judge(peer));
    };
    judge();
    judge();
    REQUIRE(office.notices.size() == 1);
    CHECK(office.notices[0] == "unable to get certificate CRL, for certificates of CN=Root");
    office.clock.advance(1min);
    judge();
    CHECK(office.notices.size() == 2);
}

TEST_CASE("A finding stands until a date passes or something is read anew") {
    auto const& p = pki();
    auto const brief = p.root.issue({.not_before = pki_time + 10s, .not_after = pki_time + 15s});
    auto const list = [&](std::vector<X509 const*> revoked) {
        return p.root.list({.revoked = std::move(revoked), .next_update = pki_time + 20s});
    };
    Office office(CrlCheck::hard, list({}));
    auto peer = peer_of(brief.der());
    struct Step {
        std::chrono::seconds at;
        std::string expected;
    };
    auto const refused = [](std::string_view why) { return not_trusted("PC1", "Root", why); };
    for (auto const& step : {Step{0s, refused("certificate is not yet valid")},
                             Step{9s, refused("certificate is not yet valid")}, Step{10s, "trusted"},
                             Step{14s, "trusted"}, Step{15s, refused("certificate has expired")},
                             Step{14s, "trusted"}, Step{20s, refused("CRL has expired")}}) {
        INFO(step.at.count());
        office.clock.set(pki_time + step.at);
        CHECK(outcome(office.trust().judge(peer)) == step.expected);
    }

    office.clock.set(pki_time + 12s);
    REQUIRE(office.trust().judge(peer));
    office.write("crl.pem", list({brief.certificate.get()}));
    CHECK(office.trust().judge(peer)); // not read for each request
    REQUIRE(office.trust().reload());
    CHECK(outcome(office.trust().judge(peer)) == refused("certificate revoked"));
}

TEST_CASE("A changed list is taken, a bad one leaves the former in force") {
    auto const& p = pki();
    auto const revoked = p.root.list({.revoked = {p.client.certificate.get()}});
    Office office(CrlCheck::hard, p.root.list());
    auto peer = peer_of(p.client.der());
    REQUIRE(office.trust().judge(peer));
    auto const look = [&office] { return office.trust().reload_if_changed(); };
    CHECK(look() == false);

    office.write("crl.pem", revoked);
    CHECK(look() == true);
    CHECK(look() == false);
    CHECK(!office.trust().judge(peer));

    std::string const cut = revoked.substr(0, revoked.size() / 2);
    for (auto const& [text, words] :
         {std::pair{std::string("rubbish"), "crl.pem holds no revocation list in PEM form"},
          std::pair{std::string(), "crl.pem holds no revocation list in PEM form"},
          std::pair{cut, "a revocation list in"}}) {
        INFO(text);
        office.write("crl.pem", text);
        auto const bad = look();
        REQUIRE(!bad);
        CHECK(bad.error().code == Code::usage);
        CHECK_THAT(bad.error().message, Catch::Contains(words));
        CHECK(look() == false); // told once
        CHECK(!office.trust().judge(peer));
        CHECK(!office.trust().reload()); // asked for, it is told again
    }
    std::filesystem::remove(office.path("crl.pem"));
    CHECK(!look());
    CHECK(!office.trust().judge(peer));

    office.write("next.pem", p.root.list());
    std::filesystem::rename(office.path("next.pem"), office.path("crl.pem"));
    CHECK(look() == true);
    CHECK(office.trust().judge(peer));

    office.write("ca.pem", "rubbish");
    CHECK(!office.trust().reload());
    CHECK(office.trust().judge(peer));
    office.write("ca.pem", p.stranger.pem());
    REQUIRE(office.trust().reload());
    CHECK(!office.trust().judge(peer));
}

TEST_CASE("Faults of the files of CAs and lists are named") {
    auto const& p = pki();
    struct Row {
        std::string name;
        std::string authorities;
        std::string lists;
        std::string words;
    };
    Row const rows[] = {
        {"no PEM", "rubbish", p.root.list(), "ca.pem holds no certificate in PEM form"},
        {"a client's certificate", p.client.pem(), p.root.list(), "ca.pem: CN=PC1 is no CA"},
        {"an intermediate alone", p.issuing.pem(), p.root.list(),
         "ca.pem: CN=Issuing was issued by CN=Root, whose certificate is not there: add it"},
        {"certificates in place of lists", p.root.pem(), p.root.pem(), "crl.pem holds no revocation list"},
    };
    for (auto const& row : rows) {
        INFO(row.name);
        Office office(CrlCheck::soft, row.lists, row.authorities);
        auto const loaded = tls::ClientTrust::load(office.options, office.clock);
        REQUIRE(!loaded);
        CHECK(loaded.error().code == Code::usage);
        CHECK_THAT(loaded.error().message, Catch::Contains(row.words));
    }
    Office office;
    office.options.authorities = {office.path("absent.pem")};
    auto const loaded = tls::ClientTrust::load(office.options, office.clock);
    REQUIRE(!loaded);
    CHECK_THAT(loaded.error().message, Catch::Contains("absent.pem: No such file"));
}
