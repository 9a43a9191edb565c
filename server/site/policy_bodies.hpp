// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "db/store.hpp"
#include "endpoints/policy/book.hpp"
#include "server/http/types.hpp"
#include "server/logging.hpp"
#include "server/service/body_request.hpp"
#include "server/service/secrets.hpp"
#include "server/site/byte_cache.hpp"

#include <optional>
#include <string_view>

namespace pointman::site {

/// Reads what stands behind `.sms_pol?`: `ID.VERSION`, `ID.SHA256:HEX`, `ID.VERSION.SHA256:HEX` or an ID
/// alone, percent-encoded or not, in any case, the id with braces or without, the version with a dot or an
/// underscore. Nothing for what is none of these; it is looked at only up to 1,024 characters.
std::optional<endpoints::policy::PolicyName> read_body_query(std::string_view query);

// clang-format off
/// Bodies of policy: `GET /SMS_MP/.sms_pol?ID.VERSION` (policy.md 5).
///
///   unknown id, version or hash   404
///   not protected                 200, to everybody: the bytes as they are stored
///   flag 2 or 4, asker not proven 401 with an HTML page: two clients ask without headers first and want to
///                                 see it before they ask again with them (wire.md 8.2)
///   not approved, blocked, or the policy is not assigned to the asker   403 with the same page
///   flag 2 alone                  200, the bytes as they are stored
///   flag 4                        200, in mixed mode sealed for the asker's certificate; in native mode, where
///                                 TLS has proven the asker already, as they are stored
// clang-format on
///
/// A client is entitled to what is assigned to it when it asks; a boot medium to what reaches the site's
/// unknown machines. Plain and sealed bodies are kept in memory: a client of BITS asks for the length first
/// and then for parts, which must be parts of the same bytes, and each sealing gives others. Thread safe.
class PolicyBodies {
public:
    struct Parts {
        config::Settings const& settings;
        db::Store& store;
        Clock const& clock;
        endpoints::policy::Books& books;
        log::Log log;
    };
    explicit PolicyBodies(Parts parts);

    /// What is answered, and whether the asker failed to prove who it is.
    struct Answer {
        http::Response response;
        bool failed_authentication = false;
    };
    /// `certificate`: of the TLS client, where it is trusted.
    Answer answer(http::Request const& request, BytesView certificate);

private:
    struct Found;

    Result<Found> find(http::Request const& request, BytesView certificate);
    Result<service::Requester> authenticate(http::Request const& request, BytesView certificate,
                                            db::Session& session) const;
    Result<void> check_assigned(service::Requester const& requester, db::Policy const& policy,
                                db::Session& session);
    Result<ByteCache::Entry> stored(db::Policy const& policy, db::Session& session);
    Result<Found> sealed(service::Requester const& requester, db::Policy const& policy,
                         ByteCache::Entry const& plain);

    Parts parts_;
    ByteCache plain_;
    ByteCache sealed_;
};

} // namespace pointman::site
