// SPDX-License-Identifier: Apache-2.0
#include "server/service/secrets.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <compare>

namespace pointman::service {

namespace {

/// `5.00.9040.1000` as numbers; parts that are missing or no numbers are 0.
std::array<unsigned, 4> version_of(std::string_view text) {
    std::array<unsigned, 4> version{};
    for (auto& part : version) {
        auto const digits = text.substr(0, text.find('.'));
        std::from_chars(digits.data(), digits.data() + digits.size(), part);
        text.remove_prefix(std::min(digits.size() + 1, text.size()));
    }
    return version;
}

constexpr std::array<unsigned, 4> first_with_aes{5, 0, 9040, 0};

} // namespace

wire::Cipher cipher_for(config::SecretCipher choice, std::string_view agent_version) {
    switch (choice) {
    case config::SecretCipher::aes256:
        return wire::Cipher::aes256;
    case config::SecretCipher::triple_des:
        return wire::Cipher::triple_des;
    case config::SecretCipher::automatic:
        break;
    }
    return version_of(agent_version) >= first_with_aes ? wire::Cipher::aes256 : wire::Cipher::triple_des;
}

Result<void> may_have_secrets(db::Client const& client) {
    if (client.approval == db::Approval::blocked)
        return fail(Code::blocked, fmt::format("client {} is blocked", client.id.text()));
    if (client.approval == db::Approval::pending)
        return fail(Code::not_approved, fmt::format("client {} is not approved", client.id.text()));
    return {};
}

Result<Recipient> recipient_of(db::Client const& client, config::SecretCipher choice) {
    if (auto approved = may_have_secrets(client); !approved)
        return std::unexpected(std::move(approved.error()));
    auto const& certificate =
        client.encryption_certificate.empty() ? client.signing_certificate : client.encryption_certificate;
    return Recipient{certificate, cipher_for(choice, client.agent_version)};
}

Recipient recipient_of(db::Medium const& medium, config::SecretCipher choice) {
    return {medium.certificate, cipher_for(choice, {})};
}

Result<Bytes> seal_secret(Recipient const& recipient, BytesView plain) {
    return wire::seal_envelope(plain, recipient.certificate, recipient.cipher);
}

} // namespace pointman::service
