// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoints/report/choose.hpp"

namespace pointman::service {

struct NoDocument {
    Error error;
    bool root_known = false; ///< the root was one of the endpoint's: its content was at fault
};

/// Finds the document of a message where its endpoint's carrier says, and validates it against the schema
/// that the endpoint names for its root.
std::expected<endpoints::Chosen, NoDocument> choose_document(endpoints::Endpoint const& endpoint,
                                                             wire::Message const& message);

} // namespace pointman::service
