// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "schemas/grammars.hpp"

#include <xercesc/framework/MemBufInputSource.hpp>
#include <xercesc/sax2/DefaultHandler.hpp>
#include <xercesc/sax2/SAX2XMLReader.hpp>
#include <xercesc/sax2/XMLReaderFactory.hpp>
#include <xercesc/util/PlatformUtils.hpp>
#include <xercesc/util/XMLUni.hpp>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace pointman::bench {

/// The floor of reading a report: a SAX reader of Xerces that validates and keeps nothing.
class BareSax {
public:
    /// `schema` is the name of one of ours.
    explicit BareSax(std::string_view schema) {
        using xercesc::XMLUni;
        auto const grammars = schemas::grammars();
        auto const grammar = std::ranges::find(grammars, schema, &schemas::Grammar::name);
        reader_.reset(xercesc::XMLReaderFactory::createXMLReader(xercesc::XMLPlatformUtils::fgMemoryManager,
                                                                 grammar->pool.get()));
        reader_->setFeature(XMLUni::fgSAX2CoreNameSpaces, true);
        reader_->setFeature(XMLUni::fgSAX2CoreValidation, true);
        reader_->setFeature(XMLUni::fgXercesDynamic, false);
        reader_->setFeature(XMLUni::fgXercesSchema, true);
        reader_->setFeature(XMLUni::fgXercesUseCachedGrammarInParse, true);
        reader_->setFeature(XMLUni::fgXercesLoadSchema, false);
        reader_->setContentHandler(&handler_);
        reader_->setErrorHandler(&handler_);
    }

    /// UTF-16LE. Throws where the schema finds fault with it.
    void parse(BytesView bytes) {
        // Xerces counts in a byte of its own.
        xercesc::MemBufInputSource source(reinterpret_cast<XMLByte const*>(bytes.data()), bytes.size(),
                                          "report");
        source.setEncoding(xercesc::XMLUni::fgUTF16LEncodingString);
        reader_->parse(source);
    }

private:
    struct Strict final : xercesc::DefaultHandler {
        void error(xercesc::SAXParseException const&) override { throw std::runtime_error("invalid"); }
        void fatalError(xercesc::SAXParseException const&) override { throw std::runtime_error("broken"); }
    };

    Strict handler_;
    std::unique_ptr<xercesc::SAX2XMLReader> reader_;
};

} // namespace pointman::bench
