// SPDX-License-Identifier: Apache-2.0
#include "endpoints/registration/certificate.hpp"

#include "base/hex.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>
#include <ctime>
#include <memory>

namespace pointman::endpoints::registration {

namespace {

struct FreeX509 {
    void operator()(X509* certificate) const { X509_free(certificate); }
};
using X509Pointer = std::unique_ptr<X509, FreeX509>;

unsigned char const* data_of(BytesView bytes) {
    return reinterpret_cast<unsigned char const*>(bytes.data());
}

std::string sha1_hex(BytesView bytes) {
    std::array<std::byte, 20> digest{};
    unsigned length = 0;
    EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), &length,
               EVP_sha1(), nullptr);
    return to_hex(BytesView(digest).first(length));
}

std::string common_name(X509 const* certificate) {
    auto const* const subject = X509_get_subject_name(certificate);
    int const index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (index < 0) return {};
    unsigned char* text = nullptr;
    int const length =
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
    if (length < 0) return {};
    std::string name(reinterpret_cast<char const*>(text), static_cast<std::size_t>(length));
    OPENSSL_free(text);
    return name;
}

TimePoint end_of_validity(X509 const* certificate) {
    std::tm parts{};
    // An unreadable date counts as long past: dates decide nothing here, they are only logged.
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return TimePoint{};
    using namespace std::chrono;
    auto const month_number = static_cast<unsigned>(parts.tm_mon + 1);
    auto const day_number = static_cast<unsigned>(parts.tm_mday);
    sys_days const date = year{parts.tm_year + 1900} / month{month_number} / day{day_number};
    return date + hours{parts.tm_hour} + minutes{parts.tm_min} + seconds{parts.tm_sec};
}

Result<void> check_key(wire::PublicKey const& key, config::Settings::Security const& bounds) {
    auto const exponent = key.exponent();
    // With exponent 1 anybody can write a "signature"; an even one belongs to no key at all.
    if (exponent < 3 || exponent % 2 == 0) {
        return fail(Code::bad_signature, "the certificate's public exponent is not usable",
                    fmt::format("exponent {}", exponent));
    }
    if (key.bits() < bounds.min_key_bits || key.bits() > bounds.max_key_bits) {
        return fail(Code::bad_signature,
                    fmt::format("the certificate's key has {} bits, allowed are {} to {}", key.bits(),
                                bounds.min_key_bits, bounds.max_key_bits));
    }
    return {};
}

} // namespace

Result<Certificate> read_certificate(BytesView der, config::Settings::Security const& bounds) {
    auto key = wire::PublicKey::from_certificate(der);
    if (!key) return std::unexpected(std::move(key.error()));
    if (auto checked = check_key(*key, bounds); !checked) return std::unexpected(std::move(checked.error()));

    auto const* cursor = data_of(der);
    X509Pointer const certificate(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
    if (!certificate) return fail(Code::malformed, "the certificate cannot be decoded");
    return Certificate{.der = Bytes(der.begin(), der.end()),
                       .key = std::move(*key),
                       .thumbprint = sha1_hex(der),
                       .issued_to = common_name(certificate.get()),
                       .not_after = end_of_validity(certificate.get())};
}

} // namespace pointman::endpoints::registration
