// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/text.hpp"
#include "server/wire/client_auth.hpp"
#include "server/wire/message.hpp"
#include "server/wire/utf16.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>
#include <openssl/pem.h>

#include <initializer_list>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::test {

/// A recorded request: see tests/data/captures/README.md.
struct Capture {
    std::string content_type;
    Bytes body;
};

/// The .bin of a recorded request; `number` is "folder/NN".
inline std::filesystem::path capture_file(std::string_view number) {
    auto const slash = number.find('/');
    auto const folder = test_data("captures/" + std::string(number.substr(0, slash)));
    auto const prefix = std::string(number.substr(slash + 1)) + "-";
    for (auto const& entry : std::filesystem::directory_iterator(folder)) {
        auto const& path = entry.path();
        if (path.filename().string().starts_with(prefix) && path.extension() == ".bin") return path;
    }
    throw std::runtime_error("no capture " + std::string(number));
}

/// A header of a recorded request; "" where it has none.
inline std::string recorded_header(std::string_view number, std::string_view name) {
    std::istringstream head(read_text(capture_file(number).replace_extension(".head")));
    auto const start = std::string(name) + ":";
    for (std::string line; std::getline(head, line);)
        if (starts_with_ignoring_case(line, start)) return std::string(trim(line.substr(start.size())));
    return {};
}

/// DER of the certificate whose key signed what pxethief sent.
inline Bytes media_certificate() {
    auto const pem = read_text(test_data("captures/pxethief/media-certificate.pem"));
    std::unique_ptr<BIO, void (*)(BIO*)> const bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                   BIO_free_all);
    std::unique_ptr<X509, void (*)(X509*)> const certificate(
        PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
    if (!certificate) throw std::runtime_error("the medium's certificate cannot be read");
    Bytes der(static_cast<std::size_t>(i2d_X509(certificate.get(), nullptr)));
    auto* out = reinterpret_cast<unsigned char*>(der.data());
    i2d_X509(certificate.get(), &out);
    return der;
}

inline Capture load_capture(std::string_view number) {
    return {recorded_header(number, "Content-Type"), read_bytes(capture_file(number))};
}

/// Fails the test, with the error's own words, where there is no value.
template <class T>
T unwrap(Result<T> result) {
    if (!result) FAIL(describe(result.error()));
    return std::move(*result);
}

/// The envelope's payload is a view of `body`.
inline wire::Envelope decode_envelope(std::string_view content_type, BytesView body) {
    return std::get<wire::Envelope>(unwrap(wire::decode(content_type, body)));
}

inline wire::Envelope decode_envelope(Capture const& capture) {
    return decode_envelope(capture.content_type, capture.body);
}
wire::Envelope decode_envelope(Capture&&) = delete; // the payload would outlive its bytes

inline wire::Header header_of(std::string_view number) {
    auto const capture = load_capture(number);
    return decode_envelope(capture).header;
}

/// Both signatures of the hook.
inline Result<void> verify_client_auth(wire::Hook const& hook, wire::PublicKey const& registered,
                                       std::string_view source_id, BytesView signed_payload) {
    auto const payload = wire::verify_payload_signature(hook, registered, signed_payload);
    return payload ? wire::verify_id_signature(hook, registered, source_id) : payload;
}

inline Bytes join(std::initializer_list<BytesView> pieces) {
    Bytes out;
    for (auto const& piece : pieces) out.insert(out.end(), piece.begin(), piece.end());
    return out;
}

inline Bytes utf16_with_mark(std::string_view utf8) {
    return join({as_bytes("\xFF\xFE"), wire::to_utf16le(utf8)});
}

inline Bytes utf16be(std::string_view utf8) {
    auto bytes = wire::to_utf16le(utf8);
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) std::swap(bytes[i], bytes[i + 1]);
    return bytes;
}

/// A body in the recorded layout around any two parts.
inline Bytes multipart(BytesView first, BytesView second) {
    return join(
        {as_bytes("--aAbBcCdDv1234567890VxXyYzZ\r\ncontent-type: text/plain; charset=UTF-16\r\n\r\n"), first,
         as_bytes("\r\n--aAbBcCdDv1234567890VxXyYzZ\r\ncontent-type: application/octet-stream\r\n\r\n"),
         second, as_bytes("\r\n--aAbBcCdDv1234567890VxXyYzZ--")});
}

inline std::string text_of(BytesView bytes) {
    return unwrap(wire::to_utf8(bytes));
}

} // namespace pointman::test
