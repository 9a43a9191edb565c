// SPDX-License-Identifier: Apache-2.0
#include <pointman/session.hpp>

namespace pointman::client {

Message Session::message(std::string_view endpoint, std::string_view xml, Signature signature) const {
    auto message = messaging.create_message();
    message.set_target_endpoint(std::string(endpoint));
    message.set_body_from_string(xml);
    message.set_timeout(timeout);
    auto flags = native ? security::native_mode : security::mixed_mode;
    if (compress) flags |= security::compress;
    // What is open to everybody names nobody (wire.md 4).
    if (signature == Signature::signed_by_client) {
        message.set_client_id(identity.smsid());
        flags |= security::sign_message;
        if (encrypt) flags |= security::encrypt_message;
    }
    message.set_security_flags(flags);
    message.set_client_certificate(identity.credentials());
    if (!trusted_roots.empty()) message.set_trusted_roots(trusted_roots);
    return message;
}

Sender Session::sender() const {
    return {.id = identity.smsid(),
            .version = agent.version,
            .netbios_name = agent.netbios_name,
            .code_page = agent.code_page,
            .lcid = agent.lcid};
}

Result<std::string> Session::invoke(Message const& message) const {
    auto const reply = messaging.invoke(host, message);
    if (!reply) return std::unexpected(reply.error());
    return reply->body_string();
}

} // namespace pointman::client
