// SPDX-License-Identifier: Apache-2.0
#include "server/service/decryption.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

namespace pointman::service {

namespace {

Result<std::string> read_text(std::filesystem::path const& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail(Code::usage, fmt::format("cannot read {}", path.string()));
    return std::string{std::istreambuf_iterator<char>(in), {}};
}

} // namespace

Result<wire::EnvelopeOpener> load_opener(std::filesystem::path const& certificate,
                                         std::filesystem::path const& key) {
    auto const certificate_text = read_text(certificate);
    if (!certificate_text) return std::unexpected(certificate_text.error());
    auto const key_text = read_text(key);
    if (!key_text) return std::unexpected(key_text.error());
    auto opener = wire::EnvelopeOpener::from_pem(*certificate_text, *key_text);
    if (!opener) {
        auto& error = opener.error();
        return fail(Code::usage, fmt::format("{}: {}", certificate.string(), error.message),
                    std::move(error.detail));
    }
    return opener;
}

Result<wire::Decrypt> load_decryption(std::filesystem::path const& certificate,
                                      std::filesystem::path const& key) {
    auto opener = load_opener(certificate, key);
    if (!opener) return std::unexpected(std::move(opener.error()));
    return [opener = std::move(*opener)](BytesView envelope) { return opener.open(envelope); };
}

} // namespace pointman::service
