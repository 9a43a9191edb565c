// SPDX-License-Identifier: Apache-2.0
#include "endpoints/registration/identity.hpp"

#include "base/hex.hpp"
#include "base/text.hpp"
#include "server/wire/utf16.hpp"

#include <algorithm>
#include <array>

namespace pointman::endpoints::registration {

namespace {

using FoundClient = Result<std::optional<db::Client>>;

FoundClient holder_of_smsid(Request const& request, db::Clients const& clients) {
    if (!request.smsid) return std::nullopt;
    return clients.find(*request.smsid);
}

/// The client whose own key this is; rows that borrow it from a proxy do not count.
FoundClient holder_of_key(std::string const& key_sha256, db::Clients const& clients) {
    auto found = clients.find_by_key(key_sha256);
    if (found && *found && (*found)->proxy) return std::nullopt;
    return found;
}

/// A client of the same proxy with the same name and hardware id, registered before.
FoundClient same_machine(Request const& request, db::Clients const& clients) {
    auto candidates = clients.find_by_name(request.name);
    if (!candidates) return std::unexpected(std::move(candidates.error()));
    auto const found = std::ranges::find_if(*candidates, [&](db::Client const& client) {
        return client.proxy == request.proxy && equal_ignoring_case(client.name, request.name) &&
               equal_ignoring_case(client.hardware_id, request.hardware_id);
    });
    if (found == candidates->end()) return std::nullopt;
    return std::optional(std::move(*found));
}

Identity known_as(db::Client client) {
    auto id = client.id;
    return Identity{.id = std::move(id), .known = std::move(client), .contested = std::nullopt};
}

Identity unknown_as(ClientId id) {
    return Identity{.id = std::move(id), .known = std::nullopt, .contested = std::nullopt};
}

} // namespace

Result<Identity> own_identity(Request const& request, db::Clients const& clients) {
    auto const key_sha256 = request.signing->key.sha256();
    auto holder = holder_of_smsid(request, clients);
    if (!holder) return std::unexpected(std::move(holder.error()));
    bool const own = *holder && !(*holder)->proxy && (*holder)->key_sha256 == key_sha256;
    if (own) return known_as(std::move(**holder));

    auto by_key = holder_of_key(key_sha256, clients);
    if (!by_key) return std::unexpected(std::move(by_key.error()));
    if (!*by_key && *holder && hint_verifies(request, **holder)) return known_as(std::move(**holder));
    if (!*by_key && !*holder && request.smsid) return unknown_as(*request.smsid);

    auto identity = *by_key ? known_as(std::move(**by_key)) : unknown_as(ClientId::random());
    if (*holder) identity.contested = (*holder)->id;
    return identity;
}

Result<Identity> proxied_identity(Request const& request, db::Clients const& clients) {
    auto holder = holder_of_smsid(request, clients);
    if (!holder) return std::unexpected(std::move(holder.error()));
    if (*holder && (*holder)->proxy == request.proxy) return known_as(std::move(**holder));
    if (!*holder && request.smsid) return unknown_as(*request.smsid);

    auto machine = same_machine(request, clients);
    if (!machine) return std::unexpected(std::move(machine.error()));
    auto identity = *machine ? known_as(std::move(**machine)) : unknown_as(ClientId::random());
    if (*holder) identity.contested = (*holder)->id;
    return identity;
}

bool hint_verifies(Request const& request, db::Client const& registered) {
    // The key of a client behind a proxy is the proxy's to change.
    if (request.hint.empty() || registered.proxy) return false;
    auto const signature = from_hex(request.hint);
    auto const key = wire::PublicKey::from_spki(registered.key_spki);
    if (!signature || !key) return false;

    auto const uuid = std::string(registered.id.uuid());
    std::array const spellings = {registered.id.text(), request.smsid_as_sent, "GUID:{" + uuid + "}",
                                  "{" + uuid + "}"};
    constexpr std::array digests = {wire::Digest::sha1, wire::Digest::sha256, wire::Digest::sha384,
                                    wire::Digest::sha512};
    return std::ranges::any_of(spellings, [&](std::string const& spelling) {
        auto const with_nul = wire::signed_text(spelling);
        auto const without_nul = wire::to_utf16le(spelling);
        return std::ranges::any_of(digests, [&](wire::Digest digest) {
            return key->verify(with_nul, *signature, digest) || key->verify(without_nul, *signature, digest);
        });
    });
}

} // namespace pointman::endpoints::registration
