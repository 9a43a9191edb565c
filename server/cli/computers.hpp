// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ids.hpp"
#include "db/store.hpp"

#include <string>

namespace pointman::cli {

/// A registered client by its SMSID or name, or one of the site's unknown machines by its id: what policy is
/// for. Fails with not_found or ambiguous.
Result<ClientId> find_computer(db::Session& session, std::string const& who);

} // namespace pointman::cli
