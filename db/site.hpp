// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/store.hpp"

#include <optional>
#include <string>

namespace pointman::db {

/// The site as the daemon serves it, for commands that know only the database.
struct SiteRow {
    std::string site_code;
    std::string mode;    ///< "mixed", "native"
    std::string host;    ///< name that clients are told
    std::string files{}; ///< the directory of collected files, absolute

    bool operator==(SiteRow const&) const = default;

    /// Puts it in place of what was there. Where it says the same, nothing is written.
    static Result<void> write(Transaction& transaction, SiteRow const& site);
    /// Nothing where no daemon has run yet.
    static Result<std::optional<SiteRow>> find(Session& session);
};

} // namespace pointman::db
