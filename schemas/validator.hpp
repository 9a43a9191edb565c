// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "schemas/document.hpp"

#include <string_view>
#include <vector>

namespace pointman::schemas {

/// Compiles every embedded schema once, into grammar pools that are locked afterwards. Call once, before
/// threads start; later calls do nothing. Throws std::logic_error when an embedded schema is broken (a fault
/// of the build).
void load_embedded_schemas();

/// File names of the embedded schemas, e.g. "client_registration_request.xsd".
std::vector<std::string_view> schema_names();
/// Text of an embedded schema; empty when there is none of that name.
std::string_view schema_text(std::string_view name);

/// Parses and validates against the embedded schema of that name. Most valid documents are told to be so by
/// the schema's acceptor; Xerces judges the others and words every violation. Thread safe: one reader for
/// each thread and schema is kept and reused. Fails like parse(), and with schema_violation at the first
/// violation, with line and column; a document that is not well-formed either is malformed all the same.
/// Another root than the schema's is a schema_violation that names both.
Result<Document> validate(std::string_view schema, BytesView bytes, Limits const& limits = {});

/// Name of the document's root element without parsing the rest: looks past mark, declaration, comments,
/// processing instructions and white space. Fails with malformed when there is none in the first 64 KB,
/// or when a document type declaration comes first.
Result<std::string> root_name(BytesView bytes);

} // namespace pointman::schemas
