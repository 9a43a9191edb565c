// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "db/clients.hpp"
#include "db/store.hpp"
#include "endpoints/registration/registration.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/registration_request.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pointman::test {

inline constexpr TimePoint desk_time = std::chrono::sys_days{std::chrono::November / 23 / 2026};

/// What came back for one request, taken apart.
struct Answered {
    std::string xml;
    std::string type;
    std::string time;
    int status = -1;      ///< -1 for the empty answer
    std::string smsid;    ///< "" where absent
    std::string approval; ///< ApprovalStatus, "" where absent
    std::optional<Error> error;
    std::vector<endpoints::Note> notes;

    /// Whether a note of that kind has all these parts.
    bool noted(endpoints::Note::Kind kind, std::vector<std::string> const& parts) const;
};

/// The endpoint with a store of its own: takes requests the way the service does, from the body's bytes on.
class Desk {
public:
    Desk();

    Answered submit(BytesView body, std::string const& account = {});
    Answered submit(std::string_view utf8, std::string const& account = {});
    /// Signed by `signer`.
    Answered submit(wire::PrivateKey const& signer, RegistrationRequest const& request,
                    std::string const& account = {});

    std::optional<db::Client> client(std::string_view smsid);
    std::vector<db::Client> clients();
    /// A registered client that no request made.
    void insert(db::Client const& client);
    void set_approval(std::string_view smsid, db::Approval approval);

    config::Settings settings;
    ManualClock clock{desk_time};
    /// Native mode: which certificates are trusted, and which one the connection shows.
    endpoints::Trusts trusts = [](BytesView) { return Result<void>{}; };
    Bytes tls_certificate;

    endpoints::RegistrationEndpoint const& endpoint() const { return *endpoint_; }
    db::Store& store() { return *store_; }

private:
    Answered refused(schemas::Document const* document, Error error) const;

    TemporaryDirectory directory_;
    std::unique_ptr<db::Store> store_;
    std::unique_ptr<endpoints::RegistrationEndpoint> endpoint_;
};

/// Keys that are made once: a 2048-bit key costs more than everything else in a test. `index` from 0 to 9.
wire::PrivateKey const& test_key(std::size_t index);

/// UTF-16 LE and NUL, as clients send it.
Bytes as_sent(std::string_view utf8);

/// A record for `key` under that SMSID.
db::Client record_of(wire::PrivateKey const& key, std::string_view smsid, std::string_view name);

} // namespace pointman::test
