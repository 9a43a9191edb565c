// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoints/endpoint.hpp"
#include "endpoints/registration/approval.hpp"
#include "endpoints/registration/identity.hpp"
#include "endpoints/registration/registration.hpp"

#include <vector>

namespace pointman::endpoints::registration {

/// `ClientRegistrationResponse/@Status` (registration.md 3). 1 (pending) is never needed: the answer comes
/// from the database itself, and approval is another matter (4.4, 9). 4 is only inferred and never sent.
enum class Status { registered = 0, reset = 2, error = 3 };

struct Outcome {
    Status status = Status::registered;
    std::optional<ClientId> id; ///< with Status 0
    db::Approval approval = db::Approval::pending;
};

/// Carries out one request inside a transaction, and tells what happened.
class Registrar {
public:
    Registrar(Site const& site, RegistrationEndpoint::Message const& message, db::Transaction& transaction)
        : site_(site)
        , message_(message)
        , request_(message.request)
        , transaction_(transaction)
        , clients_(transaction) {}

    /// Errors: RegistrationEndpoint::handle.
    Result<Outcome> run();
    std::vector<Note> take_notes() { return std::move(notes_); }

private:
    /// The key that a client signs with, and the certificate that it came in.
    struct SigningKey {
        Bytes spki;
        std::string sha256;
        Bytes certificate;
    };

    Result<Outcome> register_client();
    Result<Outcome> confirm();
    Result<db::Client> verified_proxy() const;
    Result<void> verify_confirmation(db::Client const& client) const;
    Result<void> check_certificate_of(db::Client const& signer) const;
    static SigningKey own_key(Certificate const& certificate);
    SigningKey proxied_key(db::Client const& proxy) const;

    db::Client describe(ClientId const& id, SigningKey const& key) const;
    bool is_native() const { return site_.settings.site.mode == config::SiteMode::native; }
    Approved approval_of(db::Client const& client) const;
    Result<db::Approval> store_new(db::Client client);
    Result<db::Approval> store_known(db::Client const& known, db::Client const& now);
    Result<void> change_key(db::Client const& known, db::Client const& now);
    Result<void> change_key_of_proxied(db::Client const& proxy);
    Result<void> note_collisions(db::Client const& client);
    Result<void> note_conflict(ClientId const& id, ClientId const& other, db::ConflictKind kind,
                               std::string_view what);
    void note_certificate();
    void note_account();
    void note(Note::Kind kind, std::string text) { notes_.push_back({kind, std::move(text)}); }
    void info(std::string text) { note(Note::Kind::info, std::move(text)); }

    Site const& site_;
    RegistrationEndpoint::Message const& message_;
    Request const& request_;
    db::Transaction& transaction_;
    db::Clients clients_;
    std::vector<Note> notes_;
};

} // namespace pointman::endpoints::registration
