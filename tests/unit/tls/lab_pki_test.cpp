// SPDX-License-Identifier: Apache-2.0
#include "server/tls/lab_pki.hpp"
#include "server/tls/pem.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <fstream>
#include <map>
#include <sys/stat.h>
#include <thread>

using namespace pointman;
using namespace pointman::tls;
using pointman::test::read_text;
using pointman::test::TemporaryDirectory;

namespace {

ManualClock const lab_clock{TimePoint{std::chrono::seconds{1795388400}}}; // 2026-11-22T23:00:00Z
std::vector<std::string> const lab_hosts{"mp.lab.example", "127.0.0.1", "::1"};

Result<LabPki> ensure(std::filesystem::path const& directory) {
    return ensure_lab_pki(directory, "LAB", lab_hosts, lab_clock);
}

Certificate certificate(std::filesystem::path const& file) {
    auto chain = read_certificates(file);
    REQUIRE(chain);
    return std::move(chain->front());
}

std::string issuer_name(X509* cert) {
    std::array<char, 128> text{};
    X509_NAME_get_text_by_NID(X509_get_issuer_name(cert), NID_commonName, text.data(), text.size());
    return text.data();
}

bool issued_by(X509* cert, std::filesystem::path const& ca) {
    auto const authority = certificate(ca);
    std::unique_ptr<X509_STORE, Freed<X509_STORE_free>> const store(X509_STORE_new());
    std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>> const context(X509_STORE_CTX_new());
    X509_STORE_add_cert(store.get(), authority.get());
    X509_STORE_CTX_init(context.get(), store.get(), cert, nullptr);
    X509_STORE_CTX_set_time(context.get(), 0, 1795388400);
    return X509_verify_cert(context.get()) == 1;
}

std::string purpose(X509* cert) {
    std::unique_ptr<EXTENDED_KEY_USAGE, Freed<EXTENDED_KEY_USAGE_free>> const usage(
        static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(cert, NID_ext_key_usage, nullptr, nullptr)));
    if (!usage) return "";
    std::array<char, 80> text{};
    OBJ_obj2txt(text.data(), text.size(), sk_ASN1_OBJECT_value(usage.get(), 0), 1);
    return text.data();
}

unsigned mode_of(std::filesystem::path const& file) {
    struct stat status {};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    return status.st_mode & 0777U;
}

std::map<std::string, std::string> contents(std::filesystem::path const& directory) {
    std::map<std::string, std::string> all;
    for (auto const& entry : std::filesystem::directory_iterator(directory))
        all[entry.path().filename().string()] = read_text(entry.path());
    return all;
}

} // namespace

TEST_CASE("The keys of a lab are made as clients expect them") {
    TemporaryDirectory const directory;
    auto const begin = std::chrono::steady_clock::now();
    auto const files = ensure(directory.path() / "pki");
    REQUIRE(files);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{60});
    CHECK(mode_of(directory.path() / "pki") == 0700);

    struct Row {
        std::string name;
        std::filesystem::path file;
        std::filesystem::path key;
        int type;
        std::string issuer;
        std::string purpose;
        bool by_ca;
    };
    Row const rows[] = {
        {"server, RSA", files->server_rsa, files->server_rsa_key, EVP_PKEY_RSA, "Pointman Lab CA",
         "1.3.6.1.5.5.7.3.1", true},
        {"server, P-256", files->server_p256, files->server_p256_key, EVP_PKEY_EC, "Pointman Lab CA",
         "1.3.6.1.5.5.7.3.1", true},
        {"site signing", files->site_signing, files->site_signing_key, EVP_PKEY_RSA, "Site Server",
         "1.3.6.1.4.1.311.101", false},
        {"MP signing", files->mp_signing, files->mp_signing_key, EVP_PKEY_RSA, "Pointman Lab CA",
         "1.3.6.1.4.1.311.101", true},
        {"MP encryption", files->mp_encryption, files->mp_encryption_key, EVP_PKEY_RSA, "Pointman Lab CA",
         "1.3.6.1.4.1.311.101.2", true},
    };
    for (auto const& row : rows) {
        INFO(row.name);
        auto const cert = certificate(row.file);
        auto const key = read_private_key(row.key);
        REQUIRE(key);
        CHECK(X509_check_private_key(cert.get(), key->get()) == 1);
        CHECK(EVP_PKEY_get_base_id(key->get()) == row.type);
        CHECK(issuer_name(cert.get()) == row.issuer);
        CHECK(purpose(cert.get()) == row.purpose);
        CHECK(issued_by(cert.get(), files->ca) == row.by_ca);
        CHECK(X509_check_host(cert.get(), "mp.lab.example", 0, 0, nullptr) == 1);
        CHECK(X509_check_ip_asc(cert.get(), "127.0.0.1", 0) == 1);
        CHECK(X509_check_ip_asc(cert.get(), "::1", 0) == 1);
        CHECK(X509_check_host(cert.get(), "other.example", 0, 0, nullptr) != 1);
        CHECK(mode_of(row.key) == 0600);
        CHECK(X509_check_ca(cert.get()) == 0);
    }
    CHECK(X509_check_ca(certificate(files->ca).get()) == 1);
    CHECK(X509_get_pathlen(certificate(files->ca).get()) == 0);
    CHECK(mode_of(directory.path() / "pki" / "ca.key") == 0600);
}

TEST_CASE("A second start only reads") {
    TemporaryDirectory const directory;
    REQUIRE(ensure(directory.path()));
    auto const before = contents(directory.path());
    REQUIRE(ensure(directory.path()));
    CHECK(contents(directory.path()) == before);
}

TEST_CASE("An interrupted first start is completed") {
    TemporaryDirectory const directory;
    auto const files = ensure(directory.path());
    REQUIRE(files);
    auto before = contents(directory.path());
    std::filesystem::remove(files->server_p256);
    std::filesystem::remove(files->mp_signing);
    std::filesystem::remove(files->mp_signing_key);
    std::ofstream(directory.path() / ".server-p256.pem.new") << "half a certifi";
    REQUIRE(ensure(directory.path()));
    auto const after = contents(directory.path());
    CHECK(after.size() == before.size());
    CHECK(after.at("server-p256.key") == before.at("server-p256.key"));
    CHECK(after.at("mp-signing.key") != before.at("mp-signing.key"));
    CHECK(issued_by(certificate(files->server_p256).get(), files->ca));
}

TEST_CASE("A certificate whose key is lost is not replaced") {
    TemporaryDirectory const directory;
    auto const files = ensure(directory.path());
    REQUIRE(files);
    std::filesystem::remove(files->site_signing_key);
    auto const again = ensure(directory.path());
    REQUIRE(!again);
    CHECK_THAT(again.error().message, Catch::Contains("site-signing.key is missing"));
    CHECK(std::filesystem::exists(files->site_signing));
}

TEST_CASE("Several starts at the same time make one set") {
    TemporaryDirectory const directory;
    std::atomic<int> good{0};
    {
        std::vector<std::jthread> starts;
        for (int i = 0; i < 3; ++i)
            starts.emplace_back([&directory, &good] { good += ensure(directory.path() / "pki") ? 1 : 0; });
    }
    CHECK(good == 3);
    auto const files = ensure(directory.path() / "pki");
    REQUIRE(files);
    auto const key = read_private_key(files->server_rsa_key);
    REQUIRE(key);
    CHECK(X509_check_private_key(certificate(files->server_rsa).get(), key->get()) == 1);
    CHECK(issued_by(certificate(files->server_rsa).get(), files->ca));
}
