// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "schemas/document.hpp"

#include <xercesc/util/XercesDefs.hpp>

#include <memory>
#include <string_view>

XERCES_CPP_NAMESPACE_BEGIN
class XMLGrammarPool;
XERCES_CPP_NAMESPACE_END

namespace pointman::schemas {

/// Xerces is started once for the process and never ended, since readers live as long as their threads.
void start_xerces();

/// One Xerces scanner, used again and again by one thread.
///
/// The scanner is driven directly instead of through SAX2XMLReader: the SAX layer copies each attribute list
/// and gives no way to tell a broken document from an invalid one.
class Reader {
public:
    /// Without a pool: well-formedness only. With one: validates against its grammar.
    /// The pool must be locked and outlive the reader.
    explicit Reader(xercesc::XMLGrammarPool* pool);
    ~Reader();
    Reader(Reader const&) = delete;
    Reader& operator=(Reader const&) = delete;

    /// UTF-8 that has been prepared.
    Result<Document> read(std::string_view text, Limits const& limits);

private:
    struct Parts;
    xercesc::XMLGrammarPool* pool_;
    std::unique_ptr<Parts> parts_;
};

} // namespace pointman::schemas
