// SPDX-License-Identifier: Apache-2.0
#include "schemas/grammars.hpp"

#include "base/bytes.hpp"
#include "embedded/pointman_schemas.hpp"
#include "schemas/encoding.hpp"
#include "schemas/reader.hpp"

#include <xercesc/framework/MemBufInputSource.hpp>
#include <xercesc/framework/XMLGrammarPoolImpl.hpp>
#include <xercesc/parsers/SAX2XMLReaderImpl.hpp>
#include <xercesc/sax/SAXParseException.hpp>
#include <xercesc/sax2/DefaultHandler.hpp>
#include <xercesc/util/PlatformUtils.hpp>
#include <xercesc/util/XMLUni.hpp>

#include <stdexcept>
#include <utility>
#include <vector>

namespace pointman::schemas {
namespace {

[[noreturn]] void broken(std::string_view name, std::string_view why) {
    throw std::logic_error("embedded schema " + std::string(name) + ": " + std::string(why));
}

/// What is only a warning for Xerces is a fault here as well.
class StrictErrors final : public xercesc::DefaultHandler {
public:
    explicit StrictErrors(std::string_view name)
        : name_(name) {}
    void warning(xercesc::SAXParseException const& exception) override { refuse(exception); }
    void error(xercesc::SAXParseException const& exception) override { refuse(exception); }
    void fatalError(xercesc::SAXParseException const& exception) override { refuse(exception); }

private:
    [[noreturn]] void refuse(xercesc::SAXParseException const& exception) const {
        std::u16string_view const message(exception.getMessage());
        std::string text = "line " + std::to_string(exception.getLineNumber()) + ": ";
        char16_t pending = 0;
        append_utf8(text, message, pending);
        broken(name_, text);
    }
    std::string_view name_;
};

void compile(std::string_view name, std::string_view text, xercesc::XMLGrammarPool& pool) {
    xercesc::SAX2XMLReaderImpl parser(xercesc::XMLPlatformUtils::fgMemoryManager, &pool);
    StrictErrors errors(name);
    parser.setErrorHandler(&errors);
    parser.setFeature(xercesc::XMLUni::fgSAX2CoreNameSpaces, true);
    parser.setFeature(xercesc::XMLUni::fgXercesSchema, true);
    parser.setFeature(xercesc::XMLUni::fgXercesSchemaFullChecking, true);
    parser.setFeature(xercesc::XMLUni::fgXercesLoadExternalDTD, false);
    parser.setFeature(xercesc::XMLUni::fgXercesDisableDefaultEntityResolution, true);
    xercesc::MemBufInputSource const source(reinterpret_cast<XMLByte const*>(text.data()), text.size(),
                                            u"schema");
    auto const* const grammar = parser.loadGrammar(source, xercesc::Grammar::SchemaGrammarType, true);
    if (grammar == nullptr) broken(name, "not a schema");
}

std::string root_of(std::string_view name, Document const& schema) {
    // Types may be shared inside a schema, elements may not: a global element could be the root of a message.
    std::vector<std::string_view> roots;
    for (Element const child : schema.root().children()) {
        if (child.name() == "element") roots.push_back(child.attribute_or("name", ""));
    }
    if (roots.size() != 1) broken(name, "there must be one global element");
    return std::string(roots.front());
}

std::vector<Grammar> compile_all() {
    start_xerces();
    std::vector<Grammar> all;
    for (auto const& [name, text] : embedded::embedded_files()) {
        auto pool = std::make_unique<xercesc::XMLGrammarPoolImpl>(xercesc::XMLPlatformUtils::fgMemoryManager);
        compile(name, text, *pool);
        pool->lockPool();
        auto const schema = parse(as_bytes(text));
        if (!schema) broken(name, schema.error().message);
        all.push_back({name, text, root_of(name, *schema), std::move(pool), compile_acceptor(*schema)});
    }
    return all;
}

} // namespace

std::span<Grammar const> grammars() {
    // Never destroyed: readers of threads that outlive main() still refer to the pools.
    static auto const* const all = new std::vector<Grammar>(compile_all());
    return *all;
}

} // namespace pointman::schemas
