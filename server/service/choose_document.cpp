// SPDX-License-Identifier: Apache-2.0
#include "server/service/choose_document.hpp"

#include "schemas/validator.hpp"

#include <utility>

namespace pointman::service {

namespace {

using Outcome = std::expected<endpoints::Chosen, NoDocument>;

Outcome nothing(Error error, bool root_known) {
    return std::unexpected(NoDocument{std::move(error), root_known});
}

Outcome document_in_body(endpoints::Endpoint const& endpoint, wire::Message const& message) {
    auto const body = message.body();
    auto const root = schemas::root_name(body);
    if (!root) return nothing(root.error(), false);
    auto const schema = endpoint.schema(message, *root);
    if (!schema) {
        // A document that is broken anyway is called so, whatever its root.
        if (auto parsed = schemas::parse(body); !parsed) return nothing(std::move(parsed.error()), false);
        return nothing(schema.error(), false);
    }
    auto document = schemas::validate(*schema, body);
    if (!document) {
        bool const root_known = document.error().code == Code::schema_violation;
        return nothing(std::move(document.error()), root_known);
    }
    return endpoints::Chosen{std::move(*document), body};
}

} // namespace

Outcome choose_document(endpoints::Endpoint const& endpoint, wire::Message const& message) {
    if (endpoint.info().carrier == endpoints::Carrier::body) return document_in_body(endpoint, message);
    auto chosen = endpoints::choose_report(endpoint, message);
    if (!chosen) return nothing(std::move(chosen.error()), false);
    return std::move(*chosen);
}

} // namespace pointman::service
