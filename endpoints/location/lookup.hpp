// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoints/location/decision.hpp"

namespace pointman::endpoints::location {

/// The boundaries that can contain the client: a search for each of its addresses, its subnets and its AD
/// sites.
Result<Surroundings> surroundings_of(db::Session& session, Where const& where, std::string_view own_site);

/// A decision about a package, on what the store holds.
Result<ContentAnswer> find_content(db::Session& session, std::string_view package,
                                   ContentQuestion const& question, std::string_view own_site);

} // namespace pointman::endpoints::location
