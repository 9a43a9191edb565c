// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "endpoints/policy/obfuscation.hpp"
#include "schemas/document.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace pointman::endpoints::policy {

/// Bytes of a body before compression: a judgement, some ten times what a large task sequence takes.
constexpr std::size_t max_body = std::size_t{4} * 1024 * 1024;

/// What overrides the document.
struct BodyOptions {
    std::string policy_id = {};     ///< "" = the document's PolicyID, or a fresh `{guid}` in lower case
    std::string version = {};       ///< "" = the document's PolicyVersion, or 1.00
    std::string policy_type = {};   ///< "" = the document's PolicyType, or Machine
    std::string policy_source = {}; ///< `SMS:LAB`, where the document has no PolicySource; "" = none
    bool compressed = false;        ///< assignment flag 64: inside a `PolicyXML` element (policy.md 5)
};

/// A policy body as it is served, before any encryption to a client.
struct Body {
    std::string policy_id;
    std::string version;      ///< `3.00`
    std::string policy_type;  ///< `Machine` or `User`
    bool has_secrets = false; ///< a property has secret="1"
    Bytes content;            ///< UTF-16LE with mark
    // Upper-case hexadecimal over `content`.
    std::string sha256;
    std::string sha1;
    std::string md5;
};

/// From a `Policy` document as an operator writes it, values with secret="1" in clear, to what clients fetch.
/// Elements, attributes and texts stay in their order; values are written as CDATA, secret ones obfuscated.
/// Comments, processing instructions and namespaces go: the protocol has none.
///
/// Fails with usage, in sentences for the operator, with line and column where the document is at fault:
/// another root than `Policy`; an id that a policy's URL cannot carry (256 letters, digits and `{}-_./` at
/// most, with no end like `.1_00` that reads as a version); a version other than `digits.digits`; an unknown
/// type; text beside elements; a secret that would be served in clear; more than `max_body`.
Result<Body> make_body(schemas::Document const& authored, BodyOptions const& options);

/// The same body with another PolicyVersion: compressed stays compressed, obfuscated values stay as they are.
/// Fails with usage for the version, with malformed where the content is no body of make_body().
Result<Body> reversion(BytesView content, std::string_view version);

/// The `Policy` document in a body, unpacked, as UTF-8; values stay obfuscated. Fails with malformed.
Result<std::string> body_text(BytesView content);

} // namespace pointman::endpoints::policy
