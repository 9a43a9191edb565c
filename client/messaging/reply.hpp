// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/messaging/message_impl.hpp"

namespace pointman::client {

/// The message in an answer with status 200. With `signers` it has to be signed with one of these keys, in a
/// clientauth hook like a request. Fails with no_reply, bad_reply, bad_signature.
Result<Message> read_reply(HttpReply const& reply, std::vector<wire::PublicKey> const& signers,
                           std::size_t max_inflated);

} // namespace pointman::client
