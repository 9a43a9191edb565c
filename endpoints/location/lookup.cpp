// SPDX-License-Identifier: Apache-2.0
#include "endpoints/location/lookup.hpp"

#include <map>

namespace pointman::endpoints::location {

namespace {

/// The boundaries found so far. By id: the order in which they were added.
using Found = std::map<std::int64_t, db::Boundary>;

Result<void> collect(Found& found, Result<std::vector<db::Boundary>> boundaries) {
    if (!boundaries) return std::unexpected(std::move(boundaries.error()));
    for (auto& boundary : *boundaries) found.emplace(boundary.boundary_id, std::move(boundary));
    return {};
}

} // namespace

Result<Surroundings> surroundings_of(db::Session& session, Where const& where, std::string_view own_site) {
    db::Boundaries const boundaries(session);
    Found found;
    for (auto const& [address, subnet] : where.spots) {
        for (auto const& known : {address, subnet}) {
            if (!known) continue;
            if (auto done = collect(found, boundaries.around(*known)); !done) {
                return std::unexpected(done.error());
            }
        }
    }
    for (auto const& site : where.ad_sites) {
        if (auto done = collect(found, boundaries.around_ad_site(site)); !done) {
            return std::unexpected(done.error());
        }
    }
    Surroundings known{std::string(own_site), {}};
    for (auto& [id, boundary] : found) known.boundaries.push_back(std::move(boundary));
    return known;
}

Result<ContentAnswer> find_content(db::Session& session, std::string_view package,
                                   ContentQuestion const& question, std::string_view own_site) {
    auto const known = surroundings_of(session, question.where, own_site);
    if (!known) return std::unexpected(known.error());
    auto const holders = db::Contents(session).holders_of(package);
    if (!holders) return std::unexpected(holders.error());
    return decide_content(question, *known, *holders);
}

} // namespace pointman::endpoints::location
