// SPDX-License-Identifier: Apache-2.0
#include "server/service/native_mode.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pointman::service {

namespace {

/// Whose certificate the client's messages come with: its own, or that of its proxy as it is now.
Result<db::Client> holder_of_certificate(db::Client const& sender, db::Session& session) {
    if (!sender.proxy) return sender;
    auto proxy = db::Clients(session).find(*sender.proxy);
    if (!proxy) return std::unexpected(std::move(proxy.error()));
    if (!*proxy) return fail(Code::bad_signature, "the proxy of this client is not registered");
    return std::move(**proxy);
}

} // namespace

/// Location requests come without SourceID, signed by nobody (wire.md 4), and change nothing. All others
/// speak for a client.
bool NativeMode::may_be_anonymous() const {
    return info.delivery == endpoints::Delivery::invoke && info.mixed == endpoints::Proof::none;
}

endpoints::Proof NativeMode::proof() const {
    if (!certificate.empty()) return info.native;
    return may_be_anonymous() && header.source_id.empty() ? info.native : endpoints::Proof::signature;
}

bool NativeMode::may_come_from(db::Medium const& medium) const {
    return certificate.empty() || std::ranges::equal(certificate, medium.certificate);
}

Result<void> NativeMode::check(std::optional<db::Client> const& sender, db::Session& session) const {
    if (!sender) {
        if (may_be_anonymous()) return {};
        return fail(Code::unknown_client, header.source_id.empty()
                                              ? std::string("the message names no sender")
                                              : fmt::format("{} is not registered", header.source_id));
    }
    auto const holder = holder_of_certificate(*sender, session);
    if (!holder) return std::unexpected(holder.error());
    if (certificate.empty()) {
        if (auto trusted = trusts(holder->signing_certificate); !trusted)
            return fail(Code::bad_signature, trusted.error().message, trusted.error().detail);
        return {};
    }
    if (std::ranges::equal(certificate, holder->signing_certificate)) return {};
    return fail(
        Code::bad_signature,
        fmt::format("another client's certificate: it is not the one registered for {}", holder->id.text()));
}

} // namespace pointman::service
