// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/transport/route.hpp"
#include "server/wire/message.hpp"
#include "server/wire/signature.hpp"

#include <pointman/message.hpp>
#include <vector>

namespace pointman::client {

struct Message::Impl {
    std::string endpoint{};
    Bytes body{};
    std::vector<wire::Property> properties{};
    std::vector<wire::OutgoingAttachment> attachments{};
    std::chrono::seconds timeout{};
    std::string client_id{};

    std::uint32_t flags = security::mixed_mode;
    std::optional<Credentials> credentials{};
    std::vector<wire::PublicKey> server_signers{}; ///< empty = signatures of replies are not looked at
    Bytes encryption_certificate{};
    HashAlgorithm hash = HashAlgorithm::sha256;
    std::uint16_t port = 0;
    Proxy proxy{};
    std::string roots{};
    std::string revocation_lists{};

    bool has(std::uint32_t flag) const { return (flags & flag) != 0; }
};

} // namespace pointman::client
