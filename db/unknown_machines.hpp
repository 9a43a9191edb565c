// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ids.hpp"
#include "db/store.hpp"

#include <optional>

namespace pointman::db {

/// The ids under which boot media ask for policy for computers that nobody has registered (policy.md 4.9).
struct UnknownMachines {
    ClientId x64;
    ClientId x86;

    /// Those of the site; made, and kept for good, where there are none yet.
    static Result<UnknownMachines> ensure(Transaction& transaction);
    /// Nothing where they have not been made.
    static Result<std::optional<UnknownMachines>> find(Session& session);
};

} // namespace pointman::db
