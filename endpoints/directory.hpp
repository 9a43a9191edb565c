// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoints/endpoint.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace pointman::endpoints {

/// The table of the nine endpoints. Built once by the composition root; immutable and shared by all threads
/// afterwards.
class Directory {
public:
    explicit Directory(Site const& site);

    /// By the plain name (wire::Header::endpoint()), without case; also the aliases that clients and pages
    /// use. nullptr where no endpoint has it.
    Endpoint const* find(std::string_view name) const;
    std::vector<std::unique_ptr<Endpoint>> const& all() const { return rows_; }

private:
    std::vector<std::unique_ptr<Endpoint>> rows_;
};

} // namespace pointman::endpoints
