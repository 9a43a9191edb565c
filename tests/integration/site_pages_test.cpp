// SPDX-License-Identifier: Apache-2.0
// The pages under /SMS_MP/.sms_aut of a whole lab: which target gets what, that their keys are those that the
// daemon uses, and who may see them.
#include "base/hex.hpp"
#include "schemas/document.hpp"
#include "server/tls/certificate.hpp"
#include "server/tls/pem.hpp"
#include "server/wire/envelope.hpp"
#include "tests/support/lab.hpp"
#include "tests/support/posts.hpp"
#include "tests/support/test_client.hpp"
#include "tests/support/test_pki.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <openssl/x509v3.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>

namespace pointman::test {

namespace {

constexpr std::string_view pages = "/SMS_MP/.sms_aut?";
constexpr std::string_view alternative_pages = "/SMS_MP_ALTAUTH/.sms_aut?";

HttpResponse get(HttpConnection connection, std::string const& target, std::string_view method = "GET") {
    return connection.request(method, target);
}

schemas::Document page(Lab const& lab, std::string const& query) {
    auto const response = get(lab.http(), std::string(pages) + query);
    REQUIRE(response.status == 200);
    auto document = schemas::parse(response.body);
    REQUIRE(document);
    return std::move(*document);
}

Bytes bytes_in(schemas::Element const& element) {
    return from_hex(element.text()).value();
}

/// The certificate that clients are told to encrypt messages to.
Bytes encryption_certificate(Lab const& lab) {
    return bytes_in(page(lab, "MPCERT2").root().child("Certificate2").value());
}

std::string unknown_machine(Lab const& lab, std::string const& attribute) {
    auto const document = page(lab, "MPKEYINFORMATIONMEDIA");
    return std::string(document.root().child("UnknownMachines").value().attribute_or(attribute, ""));
}

/// Whether the daemon opens a report that was sealed for the certificate. Each has to be a new report.
bool is_opened(Lab& lab, TestClient const& client, Bytes const& certificate, std::size_t post) {
    auto const before = lab.quarantine().size();
    auto connection = lab.http();
    auto request = request_of(client, posts_of(client)[post]);
    request.seal = [&certificate](BytesView payload) {
        return wire::seal_envelope(payload, certificate, wire::Cipher::triple_des).value();
    };
    auto const answer = TestClient::send(connection, std::move(request));
    CHECK(answer.status == 200);
    return lab.quarantine().size() == before;
}

/// What a tool that looks for management points makes of a host (wire.md 9): a body or a 403 marks one, and
/// the pages give its name and its site. Without a certificate it knows no more than the 403.
struct Found {
    bool is_management_point = false;
    bool needs_certificate = false;
    std::string fqdn;
    std::string site_code;
    std::string site_server; ///< issuer and first DNS name of the site signing certificate
};

std::string first_certificate(schemas::Element const& element) {
    if (element.name() == "X509Certificate") return std::string(element.text());
    for (schemas::Element const child : element.children()) {
        if (auto found = first_certificate(child); !found.empty()) return found;
    }
    return {};
}

std::string issuer_and_name(Bytes const& der) {
    auto const* at = reinterpret_cast<unsigned char const*>(der.data());
    tls::Certificate const certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    REQUIRE(certificate);
    std::array<char, 128> issuer{};
    X509_NAME_get_text_by_NID(X509_get_issuer_name(certificate.get()), NID_commonName, issuer.data(),
                              static_cast<int>(issuer.size()));
    std::unique_ptr<GENERAL_NAMES, tls::Freed<GENERAL_NAMES_free>> const names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
    REQUIRE(names);
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        auto const* const name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_DNS) continue;
        auto const* const text = name->d.dNSName;
        return fmt::format("{} {}", issuer.data(),
                           std::string_view(reinterpret_cast<char const*>(ASN1_STRING_get0_data(text)),
                                            static_cast<std::size_t>(ASN1_STRING_length(text))));
    }
    return issuer.data();
}

template <class Connect>
Found probe(Connect const& connect, std::string_view folder) {
    Found found;
    for (std::string const query : {"MPKEYINFORMATION", "MPLIST", "SITESIGNCERT", "SMSTRC"}) {
        auto const response = get(connect(), std::string(folder) + query);
        bool const has_page = response.status == 200 && !response.body.empty();
        if (has_page || response.status == 403) found.is_management_point = true;
        if (query == "SMSTRC" && response.status == 403) found.needs_certificate = true;
        if (!has_page) continue;
        auto const document = schemas::parse(response.body);
        REQUIRE(document);
        auto const root = document->root();
        if (query == "MPKEYINFORMATION") found.site_code = root.child_text("SITECODE");
        if (query == "MPLIST") {
            auto const mp = root.child("MP").value();
            found.fqdn = mp.attribute_or("FQDN", mp.child_text("FQDN"));
        }
        if (query == "SITESIGNCERT")
            found.site_server = issuer_and_name(from_hex(first_certificate(root)).value());
    }
    return found;
}

/// A PEM file with a certificate that the lab's own CA gave, and its key.
std::string lab_credentials(Lab const& lab, TemporaryDirectory const& directory) {
    auto const pki = lab.settings().pki;
    auto const authority = TestAuthority::from_files(pki / "ca.pem", pki / "ca.key");
    auto const client = authority.issue({.name = "PC1"});
    auto const file = directory.path() / "client.pem";
    std::ofstream(file) << client.pem();
    return file.string();
}

} // namespace

TEST_CASE("each target has its exact outcome, in any spelling and with any rubbish") {
    struct Row {
        std::string method;
        std::string target;
        int status;
    };
    std::string const long_text(10'000, 'a');
    std::vector<Row> const rows{
        {"GET", "/SMS_MP/.sms_aut?MPLIST", 200},
        {"GET", "/sms_mp/.SMS_AUT?mplist", 200},
        {"GET", "/SMS_MP_ALTAUTH/.sms_aut?MPLIST", 200},
        {"GET", "/sms_mp_AltAuth/.sms_aut?mplist", 200},
        {"HEAD", "/SMS_MP/.sms_aut?MPLIST", 200},
        {"GET", "http://elsewhere/SMS_MP/.sms_aut?MPLIST", 200},
        {"GET", "/%53MS_MP/%2Esms_aut?%4DPLIST", 200},
        {"GET", "/sms_mp/%2esms%5faut?mplist&lab", 200},
        {"GET", "/SMS_MP/.sms_aut?&&MPLIST&&LAB&&", 200},
        {"GET", "/SMS_MP/.sms_aut?MPLIST&" + long_text, 200},
        {"GET", "/SMS_MP/.sms_aut?MPLIST&%", 200},
        {"GET", "/SMS_MP/.sms_aut?MPLIST?", 404},
        {"GET", "/SMS_MP/.sms_aut", 404},
        {"GET", "/SMS_MP/.sms_aut?", 404},
        {"HEAD", "/SMS_MP/.sms_aut?", 404},
        {"GET", "/SMS_MP/.sms_aut?NOTHING", 404},
        {"GET", "/SMS_MP/.sms_aut?MPLIST2", 404},
        {"GET", "/SMS_MP/.sms_aut?" + long_text, 404},
        {"GET", "/SMS_MP/.sms_aut?" + std::string(10'000, '&'), 404},
        {"GET", "/SMS_MP/.sms_aut?" + std::string(10'000, '%'), 404},
        {"GET", "/SMS_MP/.sms_aut?MPLIST%00", 404},
        {"GET", "/SMS_MP/.sms_aut?\xC3\xBC\xFF", 404},
        {"GET", "/SMS_MP/.sms_aut%3FMPLIST", 404},
        {"GET", "/SMS_MP/.sms_aut/?MPLIST", 404},
        {"GET", "/SMS_MP//.sms_aut?MPLIST", 404},
        {"GET", "/SMS_MP?MPLIST", 404},
        {"GET", "/SMS_MP/?MPLIST", 404},
        {"GET", "/.sms_aut?MPLIST", 404},
        {"GET", "/SMS_MPX/.sms_aut?MPLIST", 404},
        {"GET", "/SMS_MP/../SMS_MP/.sms_aut?MPLIST", 404},
        {"GET", "/SMS_MP/.sms_aut/../.sms_aut?MPLIST", 404},
        {"GET", "/SMS_MP/%2e%2e/SMS_MP/.sms_aut?MPLIST", 404},
        {"GET", "/SMS_MP/..%2f..%2fetc%2fpasswd", 404},
        {"GET", "/SMS_MP\\.sms_aut?MPLIST", 404},
        {"GET", "/SMS_MP/.sms_au%00t?MPLIST", 400},
        {"GET", "/SMS_MP/%zz?MPLIST", 400},
        {"GET", "/SMS_MP/.sms_aut?" + std::string(70'000, 'a'), 431},
        {"GET", "/SMS_MP/.sms_pol?{00000000-0000-4000-8000-000000000001}.1_00", 404},
        {"HEAD", "/SMS_MP_AltAuth/.sms_pol?", 404},
        {"POST", "/SMS_MP/.sms_aut?MPLIST", 405},
        {"POST", "/SMS_MP/.sms_pol?{00000000-0000-4000-8000-000000000001}.1_00", 405},
        {"POST", "/SMS_MP_WindowsAuth/.sms_pol", 405},
        {"CCM_POST", "/SMS_MP_TokenAuth/.sms_pol", 405},
        {"CCM_POST", "/SMS_MP_ALTAUTH/.sms_aut?MPLIST", 405},
        {"BREW", "/SMS_MP/.sms_aut?MPLIST", 501},
    };
    Lab lab;
    for (auto const& row : rows) {
        INFO(row.method << " " << row.target.substr(0, 100));
        auto const response = get(lab.http(), row.target, row.method);
        CHECK(response.status == row.status);
        if (row.status == 405) CHECK(response.header("allow") == "GET, HEAD");
        if (row.status == 200) CHECK(response.header("content-type") == "text/xml");
        if (row.status != 200) CHECK(response.body.empty());
    }
    auto const log = lab.log("MP_GetAuth");
    CHECK(log.find("127.0.0.1 asked for MPLIST: 200") != std::string::npos);
    CHECK(log.find("127.0.0.1 asked for NOTHING: 404") != std::string::npos);
    CHECK(log.find(long_text) == std::string::npos);
}

TEST_CASE("HEAD and a page that is known already come without a body, on a connection that stays") {
    Lab lab;
    auto connection = lab.http();
    std::string const target = std::string(pages) + "MPCERT2";
    auto const whole = connection.request("GET", target);
    auto const head = connection.request("HEAD", target);
    CHECK(head.status == 200);
    CHECK(head.body.empty());
    CHECK(head.header("content-length") == std::to_string(whole.body.size()));
    CHECK(head.header("etag") == whole.header("etag"));
    auto const known = connection.request("GET", target, {{"If-None-Match", whole.header("etag")}});
    CHECK(known.status == 304);
    CHECK(known.body.empty());
    CHECK(connection.request("GET", target).body == whole.body);
}

TEST_CASE("what a client encrypts to Certificate2 is opened") {
    Lab lab;
    TestClient client("WS-0417", test_key(0));
    auto connection = lab.http();
    client.register_with(connection);
    CHECK(is_opened(lab, client, encryption_certificate(lab), 0));
    auto const signing = bytes_in(page(lab, "MPCERT2").root().child("Certificate1").value());
    CHECK_FALSE(is_opened(lab, client, signing, 1));
}

TEST_CASE("the published keys are those of the site, and their signatures hold") {
    Lab lab;
    auto const pki = lab.settings().pki;
    auto const der = [&pki](char const* name) {
        return tls::to_der(tls::read_certificates(pki / name).value().front().get());
    };
    auto const certificates = page(lab, "MPCERT1");
    auto const signing = certificates.root().child("Certificate1").value();
    CHECK(bytes_in(signing) == der("mp-signing.pem"));
    CHECK(bytes_in(certificates.root().child("Certificate2").value()) == der("mp-encryption.pem"));
    CHECK(bytes_in(page(lab, "MPCERT").root().child("Certificate").value()) == der("mp-signing.pem"));
    CHECK(bytes_in(page(lab, "SITESIGNCERT").root().child("X509Certificate").value()) ==
          der("site-signing.pem"));
    CHECK(bytes_in(page(lab, "SMSTRC").root().child("X509Certificate").value()) == der("ca.pem"));

    auto const information = page(lab, "MPKEYINFORMATION");
    auto const blob = bytes_in(information.root().child("TRUSTEDROOTKEY").value());
    auto const root = wire::PublicKey::from_blob(blob);
    REQUIRE(root);
    CHECK(root->spki() == wire::PublicKey::from_certificate(der("ca.pem"))->spki());
    for (auto const& element : {signing, information.root().child("MPCERTIFICATE").value()}) {
        auto const signature = from_hex(element.attribute_or("Signature", ""));
        REQUIRE(signature);
        CHECK(root->verify(bytes_in(element), *signature, wire::Digest::sha256));
    }
    auto const key_data = page(lab, "MPTRK");
    auto const key = key_data.root().child("TRUSTEDROOTKEY").value();
    CHECK(bytes_in(key) == blob);
    CHECK(root->verify(blob, from_hex(key.attribute_or("Signature", "")).value(), wire::Digest::sha256));
}

TEST_CASE("unknown machines keep their ids over a restart, and all pages agree on them") {
    Lab lab;
    auto const x64 = unknown_machine(lab, "x64UnknownMachineGUID");
    auto const x86 = unknown_machine(lab, "x86UnknownMachineGUID");
    CHECK(ClientId::parse(x64).value().uuid() == x64);
    CHECK(ClientId::parse(x86).value().uuid() == x86);
    CHECK(x64 != x86);
    auto const place = page(lab, "MPLOCATION&ir=127.0.0.1&ip=127.0.0.0");
    CHECK(place.root().attribute("x64UnknownMachineGUID") == x64);
    CHECK(place.root().attribute("x86UnknownMachineGUID") == x86);

    lab.app().stop();
    AppOptions options;
    options.lab = true;
    options.console = false;
    auto const again = App::start(lab.settings(), lab.clock(), options);
    REQUIRE(again);
    auto const response = get(HttpConnection::plain((*again)->addresses().http.front()),
                              std::string(pages) + "MPKEYINFORMATIONMEDIA");
    CHECK(response.text().find(fmt::format("x64UnknownMachineGUID=\"{}\"", x64)) != std::string_view::npos);
    CHECK(response.text().find(fmt::format("x86UnknownMachineGUID=\"{}\"", x86)) != std::string_view::npos);

    Lab other;
    CHECK(unknown_machine(other, "x64UnknownMachineGUID") != x64);
}

TEST_CASE("keys and names that are read again are published and used from then on") {
    Lab lab({"site.host=mp1.lab.example"});
    TestClient client("WS-0417", test_key(0));
    auto connection = lab.http();
    client.register_with(connection);
    auto const pki = lab.settings().pki;
    auto const former = encryption_certificate(lab);
    auto const former_list = get(lab.http(), std::string(pages) + "MPLIST").body;

    SECTION("nothing changed") {
        REQUIRE(lab.app().reload(lab.settings()));
        CHECK(encryption_certificate(lab) == former);
        CHECK(get(lab.http(), std::string(pages) + "MPLIST").body == former_list);
    }
    SECTION("a renewed certificate") {
        std::filesystem::remove(pki / "mp-encryption.pem");
        std::filesystem::remove(pki / "mp-encryption.key");
        REQUIRE(lab.app().reload(lab.settings())); // makes what is missing
        auto const renewed = encryption_certificate(lab);
        CHECK(renewed != former);
        CHECK(is_opened(lab, client, renewed, 0));
        CHECK_FALSE(is_opened(lab, client, former, 1));
    }
    SECTION("a bad file changes nothing") {
        std::ofstream(pki / "mp-signing.pem", std::ios::trunc) << "rubbish";
        CHECK_FALSE(lab.app().reload(lab.settings()));
        CHECK_THAT(lab.log("mpcontrol"),
                   Catch::Contains("Keys of the site not taken, the former stay in use") &&
                       Catch::Contains("mp-signing.pem"));
        CHECK(encryption_certificate(lab) == former);
        CHECK(is_opened(lab, client, former, 0));
    }
    SECTION("another host") {
        auto settings = lab.settings();
        settings.site.host = "mp2.lab.example";
        REQUIRE(lab.app().reload(settings));
        auto const list = page(lab, "MPLIST");
        CHECK(list.root().child("MP").value().attribute("Name") == "MP2");
    }
}

TEST_CASE("tools find the management point by its pages") {
    TemporaryDirectory const directory;
    SECTION("mixed mode: anybody, by both folders") {
        Lab lab({"site.host=mp1.lab.example"});
        for (auto const folder : {pages, alternative_pages}) {
            for (bool const over_tls : {false, true}) {
                auto const found = probe([&] { return over_tls ? lab.https() : lab.http(); }, folder);
                CHECK(found.is_management_point);
                CHECK_FALSE(found.needs_certificate);
                CHECK(found.fqdn == "mp1.lab.example");
                CHECK(found.site_code == "LAB");
                // The test program's labs share their keys, whose host is the first lab's.
                CHECK_THAT(found.site_server, Catch::StartsWith("Site Server "));
            }
        }
        CHECK_FALSE(probe([&] { return lab.http(); }, "/elsewhere/.sms_aut?").is_management_point);
    }
    SECTION("native mode: clients, and by the altauth folder anybody over TLS") {
        Lab lab({"site.mode=native"});
        auto const credentials = lab_credentials(lab, directory);
        auto const stranger = self_signed();
        auto const foreign = directory.path() / "foreign.pem";
        std::ofstream(foreign) << stranger.pem();
        struct Row {
            std::string name;
            std::string_view folder;
            std::function<HttpConnection()> connect;
            bool open;
        };
        for (auto const& row : std::vector<Row>{
                 {"plain", pages, [&] { return lab.http(); }, false},
                 {"plain, altauth", alternative_pages, [&] { return lab.http(); }, false},
                 {"no certificate", pages, [&] { return lab.https(); }, false},
                 {"no certificate, altauth", alternative_pages, [&] { return lab.https(); }, true},
                 {"foreign", pages, [&] { return lab.https(foreign.string()); }, false},
                 {"foreign, altauth", alternative_pages, [&] { return lab.https(foreign.string()); }, true},
                 {"client", pages, [&] { return lab.https(credentials); }, true},
                 {"client, altauth", alternative_pages, [&] { return lab.https(credentials); }, true},
             }) {
            INFO(row.name);
            auto const found = probe(row.connect, row.folder);
            CHECK(found.is_management_point);
            CHECK(found.needs_certificate == !row.open);
            CHECK(found.site_code == (row.open ? "LAB" : ""));
        }
        auto const list = get(lab.https(credentials), std::string(pages) + "MPLIST2&LAB");
        CHECK(list.status == 200);
        CHECK(list.text().find("Name=\"SSLState\" Value=\"63\"") != std::string_view::npos);
    }
    SECTION("mixed mode with required certificates: whoever comes over TLS") {
        Lab lab({"tls.client_certificates=required"});
        CHECK(get(lab.https(), std::string(pages) + "MPLIST").status == 403);
        CHECK(get(lab.https(), std::string(alternative_pages) + "MPLIST").status == 200);
        CHECK(get(lab.http(), std::string(pages) + "MPLIST").status == 200);
    }
}

} // namespace pointman::test
