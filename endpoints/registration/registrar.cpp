// SPDX-License-Identifier: Apache-2.0
#include "endpoints/registration/registrar.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace pointman::endpoints::registration {

Result<Outcome> Registrar::run() {
    info(fmt::format("Processing {} request from Client '{}'", name_of(request_.type), request_.who()));
    note_certificate();
    auto outcome = request_.type == RequestType::registration ? register_client() : confirm();
    if (outcome) {
        info(fmt::format("MP Reg: Processing completed. Completion state = {}",
                         static_cast<int>(outcome->status)));
    }
    return outcome;
}

// --- registration
// ------------------------------------------------------------------------------------------------

/// What an operator looks for who wonders why a client was approved, or was not.
void Registrar::note_account() {
    auto const& account = message_.integrated_account;
    if (account.empty()) return;
    info(fmt::format("MP Reg: Client '{}' authenticated as '{}'", request_.name, account));
    if (site_.settings.security.auto_approve != config::AutoApprove::integrated) return;
    if (is_machine_account_of(account, request_.name)) return;
    note(Note::Kind::warning,
         fmt::format("MP Reg: '{}' is not the machine account of '{}' and approves nobody", account,
                     request_.name));
}

Result<Outcome> Registrar::register_client() {
    note_account();
    SigningKey key;
    if (request_.proxy) {
        auto const proxy = verified_proxy();
        if (!proxy) return std::unexpected(proxy.error());
        key = proxied_key(*proxy);
    } else {
        key = own_key(*request_.signing);
    }
    auto const identity =
        request_.proxy ? proxied_identity(request_, clients_) : own_identity(request_, clients_);
    if (!identity) return std::unexpected(identity.error());

    auto const client = describe(identity->id, key);
    auto const approval = identity->known ? store_known(*identity->known, client) : store_new(client);
    if (!approval) return std::unexpected(approval.error());
    if (identity->contested) {
        auto const noted =
            note_conflict(client.id, *identity->contested, db::ConflictKind::smsid, "the same SMSID");
        if (!noted) return std::unexpected(noted.error());
    }
    if (auto const noted = note_collisions(client); !noted) return std::unexpected(noted.error());
    return Outcome{Status::registered, client.id, *approval};
}

db::Client Registrar::describe(ClientId const& id, SigningKey const& key) const {
    return db::Client{.id = id,
                      .resource_id = 0,
                      .name = request_.name,
                      .fqdn = request_.fqdn,
                      .approval = db::Approval::pending,
                      .approval_method = {},
                      .agent_type = request_.agent_type,
                      .agent_version = request_.agent_version,
                      .agent_identity = request_.agent_identity,
                      .hardware_id = request_.hardware_id,
                      .proxy = request_.proxy,
                      .key_spki = key.spki,
                      .key_sha256 = key.sha256,
                      .signing_certificate = key.certificate,
                      .encryption_certificate = request_.encryption_certificate,
                      .discovery = request_.discovery,
                      .first_seen = message_.received,
                      .last_seen = message_.received,
                      .conflicts = {}};
}

/// What the site grants on its own. In native mode the certificate is the approval (registration.md 4.6).
Approved Registrar::approval_of(db::Client const& client) const {
    if (is_native()) return {db::Approval::not_applicable, "certificate"};
    return approval_for(site_.settings.security.auto_approve, message_.integrated_account, client.name);
}

Result<db::Approval> Registrar::store_new(db::Client client) {
    auto const granted = approval_of(client);
    client.approval = granted.approval;
    client.approval_method = granted.method;
    if (auto const inserted = db::Clients::insert(transaction_, client); !inserted) {
        return std::unexpected(inserted.error());
    }
    info(fmt::format("MP Reg: Registered new client {} ('{}'), approval {}", client.id.text(), client.name,
                     db::name_of(client.approval)));
    return client.approval;
}

Result<db::Approval> Registrar::store_known(db::Client const& known, db::Client const& now) {
    if (known.approval == db::Approval::blocked) {
        return fail(Code::blocked, fmt::format("client {} is blocked", known.id.text()));
    }
    if (auto const updated = db::Clients::update(transaction_, now); !updated) {
        return std::unexpected(updated.error());
    }
    // The same key in a renewed certificate counts too: policy is encrypted to the certificate's issuer and
    // serial.
    if (known.signing_certificate != now.signing_certificate || known.key_sha256 != now.key_sha256) {
        if (auto const changed = change_key(known, now); !changed) return std::unexpected(changed.error());
    }
    info(fmt::format("MP Reg: Client {} ('{}') registered again", now.id.text(), now.name));
    // A repeat can lift a client that waits, and never lowers one.
    auto const granted = approval_of(now);
    bool const settled = known.approval != db::Approval::pending && !is_native();
    if (settled || granted.approval == db::Approval::pending || granted.approval == known.approval)
        return known.approval;
    auto const set = db::Clients::set_approval(transaction_, known.id, granted.approval, granted.method,
                                               message_.received);
    if (!set) return std::unexpected(set.error());
    info(fmt::format("MP Reg: Client {} is now {} ({})", known.id.text(), db::name_of(granted.approval),
                     granted.method));
    return granted.approval;
}

// --- keys
// --------------------------------------------------------------------------------------------------------

Registrar::SigningKey Registrar::own_key(Certificate const& certificate) {
    return {certificate.key.spki(), certificate.key.sha256(), certificate.der};
}

/// A proxied client is stored with the proxy's key, since that is what its messages are signed with. Its own
/// certificate is kept where it holds that key.
Registrar::SigningKey Registrar::proxied_key(db::Client const& proxy) const {
    bool const same_key = request_.signing && request_.signing->key.sha256() == proxy.key_sha256;
    return {proxy.key_spki, proxy.key_sha256, same_key ? request_.signing->der : proxy.signing_certificate};
}

Result<void> Registrar::change_key(db::Client const& known, db::Client const& now) {
    auto const replaced = db::Clients::replace_key(transaction_, now.id, now.key_spki, now.key_sha256,
                                                   now.signing_certificate, message_.received);
    if (!replaced || known.key_sha256 == now.key_sha256) return replaced;
    note(Note::Kind::warning, fmt::format("MP Reg: Client {} ('{}') has a new key, proven {}", now.id.text(),
                                          now.name, now.proxy ? "by its proxy" : "by its RegistrationHint"));
    return now.proxy ? Result<void>{} : change_key_of_proxied(now);
}

/// What a proxy signs with is the key of all clients behind it.
Result<void> Registrar::change_key_of_proxied(db::Client const& proxy) {
    if (proxy.agent_type != agent_type_isv_proxy) return {};
    auto const all = clients_.list();
    if (!all) return std::unexpected(all.error());
    for (auto const& client : *all) {
        if (client.proxy != proxy.id) continue;
        auto const replaced =
            db::Clients::replace_key(transaction_, client.id, proxy.key_spki, proxy.key_sha256,
                                     proxy.signing_certificate, message_.received);
        if (!replaced) return replaced;
    }
    return {};
}

/// The registered proxy that the request names, if it did sign it.
Result<db::Client> Registrar::verified_proxy() const {
    auto found = clients_.find(*request_.proxy);
    if (!found) return std::unexpected(std::move(found.error()));
    auto const id = request_.proxy->text();
    if (!*found) return fail(Code::unknown_client, fmt::format("the proxy {} is not registered", id));
    auto& proxy = **found;
    if (proxy.agent_type != agent_type_isv_proxy) {
        return fail(Code::bad_signature, fmt::format("the client {} is no proxy", id),
                    fmt::format("AgentType {}", proxy.agent_type));
    }
    if (proxy.approval == db::Approval::blocked)
        return fail(Code::blocked, fmt::format("the proxy {} is blocked", id));
    auto const key = wire::PublicKey::from_spki(proxy.key_spki);
    if (!key || !request_.verified_by(*key)) {
        return fail(Code::bad_signature, fmt::format("the signature is not that of the proxy {}", id));
    }
    if (auto checked = check_certificate_of(proxy); !checked) return std::unexpected(checked.error());
    return std::move(proxy);
}

/// Native mode: the connection shows the registered certificate of who signs; where it shows none (altauth),
/// that certificate must still be trusted.
Result<void> Registrar::check_certificate_of(db::Client const& signer) const {
    if (!is_native()) return {};
    if (message_.tls_certificate.empty()) return site_.trusts(signer.signing_certificate);
    if (message_.tls_certificate == signer.signing_certificate) return {};
    return fail(
        Code::bad_signature,
        fmt::format("the TLS client's certificate is not the one registered for {}", signer.id.text()));
}

// --- confirmation
// ------------------------------------------------------------------------------------------------

Result<Outcome> Registrar::confirm() {
    if (request_.proxy) {
        if (auto const proxy = verified_proxy(); !proxy) return std::unexpected(proxy.error());
    }
    auto const client = clients_.find(*request_.smsid);
    if (!client) return std::unexpected(client.error());
    if (!*client) {
        note(Note::Kind::warning,
             fmt::format("MP Reg: Client {} is not registered here", request_.smsid->text()));
        return Outcome{Status::reset, std::nullopt, db::Approval::pending};
    }
    if (auto const verified = verify_confirmation(**client); !verified)
        return std::unexpected(verified.error());
    if (!request_.proxy) {
        if (auto checked = check_certificate_of(**client); !checked) return std::unexpected(checked.error());
    }
    if ((*client)->approval == db::Approval::blocked) {
        return fail(Code::blocked, fmt::format("client {} is blocked", request_.smsid->text()));
    }
    if (auto const touched = db::Clients::touch(transaction_, (*client)->id, message_.received); !touched) {
        return std::unexpected(touched.error());
    }
    return Outcome{Status::registered, (*client)->id, (*client)->approval};
}

Result<void> Registrar::verify_confirmation(db::Client const& client) const {
    if (request_.proxy) {
        if (client.proxy == request_.proxy) return {};
        return fail(Code::bad_signature, fmt::format("{} is not the proxy of client {}",
                                                     request_.proxy->text(), client.id.text()));
    }
    if (request_.signing) {
        // The signature was verified with this certificate when the request was read.
        if (request_.signing->key.sha256() == client.key_sha256) return {};
        return fail(Code::bad_signature,
                    fmt::format("client {} is registered with another key", client.id.text()));
    }
    auto const key = wire::PublicKey::from_spki(client.key_spki);
    if (key && request_.verified_by(*key)) return {};
    return fail(Code::bad_signature,
                fmt::format("the signature is not by the registered key of client {}", client.id.text()));
}

// --- what the log tells
// ------------------------------------------------------------------------------------------

Result<void> Registrar::note_conflict(ClientId const& id, ClientId const& other, db::ConflictKind kind,
                                      std::string_view what) {
    note(Note::Kind::warning,
         fmt::format("MP Reg: Conflict: clients {} and {} claim {}", id.text(), other.text(), what));
    return db::Clients::record_conflict(transaction_, id, other, kind, message_.received);
}

/// Other clients with one of this one's names, or with its hardware id. Neither is refused: an operator has
/// to tell which of them is real.
Result<void> Registrar::note_collisions(db::Client const& client) {
    auto const note_all = [&](Result<std::vector<db::Client>> const& others, db::ConflictKind kind,
                              std::string const& what) -> Result<void> {
        if (!others) return std::unexpected(others.error());
        for (auto const& other : *others) {
            if (other.id == client.id) continue;
            if (auto noted = note_conflict(client.id, other.id, kind, what); !noted) return noted;
        }
        return {};
    };
    auto const by_name = [&](std::string const& name) {
        return note_all(clients_.find_by_name(name), db::ConflictKind::name,
                        fmt::format("the name '{}'", name));
    };
    if (auto noted = by_name(client.name); !noted) return noted;
    if (!equal_ignoring_case(client.fqdn, client.name)) {
        if (auto noted = by_name(client.fqdn); !noted) return noted;
    }
    if (client.hardware_id.empty()) return {};
    return note_all(clients_.find_by_hardware_id(client.hardware_id), db::ConflictKind::hardware_id,
                    fmt::format("the hardware id '{}'", client.hardware_id));
}

void Registrar::note_certificate() {
    if (!request_.signing) return;
    auto const& certificate = *request_.signing;
    auto const which = fmt::format("Certificate [Thumbprint {}] issued to '{}'", certificate.thumbprint,
                                   certificate.issued_to);
    info("Begin validation of " + which);
    if (certificate.not_after < message_.received) note(Note::Kind::warning, which + " has expired.");
    info("Completed validation of " + which);
}

} // namespace pointman::endpoints::registration
