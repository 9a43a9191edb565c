// SPDX-License-Identifier: Apache-2.0
// What is published of the site's keys, from files as the daemon makes them.
#include "server/site/keys.hpp"
#include "server/tls/certificate.hpp"
#include "server/tls/pem.hpp"
#include "server/wire/signature.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace pointman;
using namespace pointman::site;
using pointman::test::TemporaryDirectory;

namespace {

ManualClock const lab_clock{TimePoint{std::chrono::seconds{1795388400}}}; // 2026-11-22T23:00:00Z

/// Made once for the program: making keys is slow.
std::filesystem::path const& site_files() {
    static TemporaryDirectory const directory;
    static auto const files =
        tls::ensure_lab_pki(directory.path() / "pki", "LAB", {"mp.lab.example"}, lab_clock);
    REQUIRE(files);
    static auto const path = directory.path() / "pki";
    return path;
}

/// A copy whose files a test may spoil.
class Files {
public:
    Files() {
        std::filesystem::copy(site_files(), directory_.path() / "pki");
        auto found = tls::ensure_lab_pki(directory_.path() / "pki", "LAB", {"mp.lab.example"}, lab_clock);
        REQUIRE(found);
        names = std::move(*found);
    }

    Result<SiteKeys> load() const { return load_site_keys(names, to_bytes("given")); }

    tls::LabPki names;

private:
    TemporaryDirectory directory_;
};

Bytes der_in(std::filesystem::path const& file) {
    auto const chain = tls::read_certificates(file);
    REQUIRE(chain);
    return tls::to_der(chain->front().get());
}

void write(std::filesystem::path const& file, std::string const& text) {
    std::ofstream(file, std::ios::trunc) << text;
}

} // namespace

TEST_CASE("certificates are published as they are, and the one for encryption as its owner gives it") {
    Files const files;
    auto const keys = files.load();
    REQUIRE(keys);
    CHECK(keys->root == der_in(files.names.ca));
    CHECK(keys->site_signing == der_in(files.names.site_signing));
    CHECK(keys->mp_signing == der_in(files.names.mp_signing));
    CHECK(keys->mp_encryption == to_bytes("given"));
}

TEST_CASE("a client that knows the trusted root key alone can check both signatures") {
    auto const keys = Files().load();
    REQUIRE(keys);
    auto const root = wire::PublicKey::from_blob(keys->root_key);
    REQUIRE(root);
    CHECK(root->spki() == wire::PublicKey::from_certificate(keys->root)->spki());
    CHECK(root->verify(keys->mp_signing, keys->mp_signing_signature, wire::Digest::sha256));
    CHECK(root->verify(keys->root_key, keys->root_key_signature, wire::Digest::sha256));

    CHECK_FALSE(root->verify(keys->site_signing, keys->mp_signing_signature, wire::Digest::sha256));
    Bytes const big_endian(keys->mp_signing_signature.rbegin(), keys->mp_signing_signature.rend());
    CHECK_FALSE(root->verify(keys->mp_signing, big_endian, wire::Digest::sha256));
    auto const other = wire::PublicKey::from_certificate(keys->site_signing);
    CHECK_FALSE(other->verify(keys->mp_signing, keys->mp_signing_signature, wire::Digest::sha256));
}

TEST_CASE("a file that does not serve is named") {
    Files const files;
    auto const refused = [&files](std::filesystem::path const& file, std::string const& why) {
        auto const keys = files.load();
        REQUIRE_FALSE(keys);
        CHECK(keys.error().code == Code::usage);
        CHECK_THAT(keys.error().message, Catch::Contains(file.string()) && Catch::Contains(why));
    };
    SECTION("no certificate") {
        write(files.names.mp_signing, "rubbish");
        refused(files.names.mp_signing, "");
    }
    SECTION("missing") {
        std::filesystem::remove(files.names.site_signing);
        refused(files.names.site_signing, "");
    }
    SECTION("another key") {
        std::filesystem::copy_file(files.names.site_signing_key, files.names.ca_key,
                                   std::filesystem::copy_options::overwrite_existing);
        refused(files.names.ca_key, "is not the key of the certificate");
    }
    SECTION("no RSA key") {
        std::filesystem::copy_file(files.names.server_p256_key, files.names.ca_key,
                                   std::filesystem::copy_options::overwrite_existing);
        refused(files.names.ca_key, "not an RSA key");
    }
}
