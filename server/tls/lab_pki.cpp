// SPDX-License-Identifier: Apache-2.0
#include "server/tls/lab_pki.hpp"

#include "server/tls/certificate.hpp"
#include "server/tls/key_files.hpp"
#include "server/tls/pem.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <sys/stat.h>
#include <system_error>

namespace pointman::tls {
namespace {

constexpr mode_t public_file = 0644;
constexpr mode_t private_file = 0600;
constexpr mode_t private_directory = 0700;

// Under a purpose, clients look for these (registration.md 4, messaging-api.md).
constexpr char const* signing_purpose = "1.3.6.1.4.1.311.101";
constexpr char const* encryption_purpose = "1.3.6.1.4.1.311.101.2";

constexpr std::chrono::days backdated{1}; // clients whose clock is a little behind
constexpr std::chrono::days valid{3652};

struct Pair {
    std::filesystem::path certificate;
    std::filesystem::path key;
};

struct Identity {
    Certificate certificate;
    PrivateKey key;
};

std::filesystem::path key_name(std::filesystem::path certificate) {
    return certificate.replace_extension(".key");
}

Result<bool> is_there(std::filesystem::path const& file) {
    std::error_code error;
    bool const there = std::filesystem::exists(file, error);
    if (error) return fail(Code::io, fmt::format("cannot look for {}: {}", file.string(), error.message()));
    return there;
}

Result<void> make_directory(std::filesystem::path const& directory) {
    auto const there = is_there(directory);
    if (!there) return std::unexpected(there.error());
    if (*there) return {};
    std::error_code error;
    if (directory.has_parent_path()) std::filesystem::create_directories(directory.parent_path(), error);
    // Another process may have been faster.
    if (::mkdir(directory.c_str(), private_directory) != 0 && errno != EEXIST) {
        auto const cause = std::error_code(errno, std::generic_category());
        return fail(Code::io, fmt::format("cannot make {}: {}", directory.string(), cause.message()));
    }
    return {};
}

/// The files of one lab, made one after the other under the lock.
class Maker {
public:
    Maker(std::filesystem::path directory, std::string const& site_code,
          std::vector<std::string> const& hosts, TimePoint now)
        : directory_(std::move(directory))
        , organization_(fmt::format("Pointman site {}", site_code))
        , hosts_(hosts)
        , host_(hosts.empty() ? "localhost" : hosts.front())
        , not_before_(now - backdated)
        , not_after_(now + valid) {}

    Result<void> make(LabPki const& files) {
        auto const server_purpose = "serverAuth";
        struct Row {
            std::filesystem::path const& file;
            KeyType key;
            CertificateRequest request;
            bool self_signed;
        };
        std::array<Row, 6> const rows{{
            {files.ca, KeyType::rsa_2048, authority(), true},
            {files.server_rsa, KeyType::rsa_2048,
             with("digitalSignature,keyEncipherment", server_purpose, host_), false},
            {files.server_p256, KeyType::p256, with("digitalSignature", server_purpose, host_), false},
            // Probe tools know a site by an issuer "Site Server" and read its first DNS name (wire.md 9,
            // SITESIGNCERT).
            {files.site_signing, KeyType::rsa_2048, with("digitalSignature", signing_purpose, "Site Server"),
             true},
            {files.mp_signing, KeyType::rsa_2048, with("digitalSignature", signing_purpose, host_), false},
            {files.mp_encryption, KeyType::rsa_2048,
             with("keyEncipherment,dataEncipherment", encryption_purpose, host_), false},
        }};
        for (auto const& row : rows) {
            auto made = ensure(row.file, row.key, row.request, row.self_signed);
            if (!made) return made;
        }
        return {};
    }

private:
    CertificateRequest with(char const* usage, char const* purpose, std::string name) const {
        return {.common_name = std::move(name),
                .organization = organization_,
                .authority = false,
                .key_usage = usage,
                .extended_key_usage = purpose,
                .hosts = hosts_,
                .not_before = not_before_,
                .not_after = not_after_};
    }

    CertificateRequest authority() const {
        auto request = with("keyCertSign,cRLSign", "", "Pointman Lab CA");
        request.authority = true;
        request.hosts.clear();
        return request;
    }

    Result<void> ensure(std::filesystem::path const& file, KeyType type, CertificateRequest const& request,
                        bool self_signed) {
        auto const key_file = key_name(file);
        auto const has_certificate = is_there(file);
        auto const has_key = is_there(key_file);
        if (!has_certificate) return std::unexpected(has_certificate.error());
        if (!has_key) return std::unexpected(has_key.error());
        if (*has_certificate && *has_key) return {};
        if (*has_certificate)
            return fail(Code::usage,
                        fmt::format("{} is there, but {} is missing: restore the key, or remove the "
                                    "certificate to have both made anew",
                                    file.string(), key_file.string()));
        auto const key = *has_key ? read_private_key(key_file) : create_key(key_file, type);
        if (!key) return std::unexpected(key.error());
        return create_certificate(file, request, key->get(), self_signed);
    }

    /// The key first: a key without its certificate is completed by the next start.
    static Result<PrivateKey> create_key(std::filesystem::path const& file, KeyType type) {
        auto key = make_key(type);
        if (!key) return key;
        auto const written = create_file(file, to_pem(key->get()), private_file);
        if (!written) return std::unexpected(written.error());
        return key;
    }

    Result<void> create_certificate(std::filesystem::path const& file, CertificateRequest const& request,
                                    EVP_PKEY* key, bool self_signed) {
        if (!self_signed && !ca_.certificate) {
            auto loaded = load_authority();
            if (!loaded) return loaded;
        }
        auto const made = self_signed ? make_certificate(request, key, nullptr, key)
                                      : make_certificate(request, key, ca_.certificate.get(), ca_.key.get());
        if (!made) return std::unexpected(made.error());
        return create_file(file, to_pem(made->get()), public_file);
    }

    Result<void> load_authority() {
        auto chain = read_certificates(directory_ / "ca.pem");
        if (!chain) return std::unexpected(std::move(chain.error()));
        auto key = read_private_key(directory_ / "ca.key");
        if (!key) return std::unexpected(std::move(key.error()));
        ca_ = {std::move(chain->front()), std::move(*key)};
        return {};
    }

    std::filesystem::path directory_;
    std::string organization_;
    std::vector<std::string> hosts_;
    std::string host_;
    TimePoint not_before_;
    TimePoint not_after_;
    Identity ca_;
};

} // namespace

Result<LabPki> ensure_lab_pki(std::filesystem::path const& directory, std::string const& site_code,
                              std::vector<std::string> const& hosts, Clock const& clock) {
    LabPki files{.ca = directory / "ca.pem",
                 .ca_key = directory / "ca.key",
                 .server_rsa = directory / "server.pem",
                 .server_rsa_key = directory / "server.key",
                 .server_p256 = directory / "server-p256.pem",
                 .server_p256_key = directory / "server-p256.key",
                 .site_signing = directory / "site-signing.pem",
                 .site_signing_key = directory / "site-signing.key",
                 .mp_signing = directory / "mp-signing.pem",
                 .mp_signing_key = directory / "mp-signing.key",
                 .mp_encryption = directory / "mp-encryption.pem",
                 .mp_encryption_key = directory / "mp-encryption.key"};
    if (auto made = make_directory(directory); !made) return std::unexpected(std::move(made.error()));
    auto const lock = DirectoryLock::take(directory);
    if (!lock) return std::unexpected(lock.error());
    Maker maker(directory, site_code, hosts, clock.now());
    if (auto made = maker.make(files); !made) return std::unexpected(std::move(made.error()));
    return files;
}

} // namespace pointman::tls
