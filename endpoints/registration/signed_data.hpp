// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "schemas/document.hpp"

namespace pointman::endpoints::registration {

/// The signed part of a registration request: the bytes under the signature, and what they say.
///
/// Clients sign text, not an XML tree (registration.md 5), so the text has to be cut out of the body by
/// looking for tags. A comment or CDATA section could make that cut differ from what an XML reader sees.
/// Therefore everything about the client is read from the cut text alone, parsed by itself, and a body where
/// the two differ is refused.
struct SignedData {
    Bytes bytes;                ///< UTF-16 LE of `<Data ...>...</Data>` as sent, without mark or NUL
    schemas::Document document; ///< of those bytes; its root is `Data`
    std::uint32_t line = 1;     ///< where the text begins in the body, counted from 1
    std::uint32_t column = 1;

    schemas::Element root() const { return document.root(); }
    /// An error at an element of `document`, with its place in the body.
    std::unexpected<Error> refuse(schemas::Element element, Code code, std::string message) const;
};

/// Takes the body in any encoding that schemas::parse takes. Fails with malformed where there is no such
/// text, it is not well-formed by itself, or it is not the `Data` element that a reader of the whole body
/// finds.
Result<SignedData> read_signed_data(BytesView body);

} // namespace pointman::endpoints::registration
