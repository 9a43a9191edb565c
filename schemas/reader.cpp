// SPDX-License-Identifier: Apache-2.0
#include "schemas/reader.hpp"

#include "schemas/builder.hpp"
#include "schemas/encoding.hpp"
#include "schemas/plain.hpp"
#include "schemas/prolog.hpp"

#include <xercesc/framework/MemBufInputSource.hpp>
#include <xercesc/framework/XMLAttr.hpp>
#include <xercesc/framework/XMLDocumentHandler.hpp>
#include <xercesc/framework/XMLElementDecl.hpp>
#include <xercesc/framework/XMLErrorReporter.hpp>
#include <xercesc/framework/XMLGrammarPoolImpl.hpp>
#include <xercesc/internal/XMLScanner.hpp>
#include <xercesc/internal/XMLScannerResolver.hpp>
#include <xercesc/util/PlatformUtils.hpp>
#include <xercesc/util/SecurityManager.hpp>
#include <xercesc/util/StringPool.hpp>
#include <xercesc/util/XMLUni.hpp>
#include <xercesc/validators/common/GrammarResolver.hpp>

#include <limits>
#include <mutex>
#include <string>
#include <utility>

namespace pointman::schemas {
namespace {

static_assert(std::is_same_v<XMLCh, char16_t>);

/// Ends a parse from inside a callback of the scanner, which lets exceptions through.
struct Stop {
    Error error;
};

constexpr std::size_t max_message = 300;

std::string plain_text(XMLCh const* text) {
    std::string out;
    if (text == nullptr) return out;
    std::u16string_view const units(text);
    char16_t pending = 0;
    append_utf8(out, units.substr(0, max_message), pending);
    return out;
}

std::uint32_t to_position(XMLFileLoc place) {
    return static_cast<std::uint32_t>(std::min<XMLFileLoc>(place, std::numeric_limits<std::uint32_t>::max()));
}

bool is_namespace_declaration(XMLCh const* name) {
    if (name[0] != u'x') return false;
    std::u16string_view const text(name);
    return text == u"xmlns" || text.starts_with(u"xmlns:");
}

/// Turns the scanner's events into a Document and its complaints into errors.
class Handler final : public xercesc::XMLDocumentHandler, public xercesc::XMLErrorReporter {
public:
    void begin(xercesc::Locator const* locator, Limits const& limits) {
        builder_.begin();
        locator_ = locator;
        limits_ = limits;
        utf8_ = std::string(); // which may have become long
        pending_ = 0;
    }

    Document finish() { return builder_.finish(); }
    bool saw_namespace() const { return saw_namespace_; }

    void startElement(xercesc::XMLElementDecl const& declaration, unsigned int /*uri*/,
                      XMLCh const* /*prefix*/, xercesc::RefVectorOf<xercesc::XMLAttr> const& attributes,
                      XMLSize_t attribute_count, bool is_empty, bool /*is_root*/) override {
        if (builder_.depth() >= limits_.max_depth) stop("elements are nested too deeply");
        if (builder_.element_count() >= limits_.max_elements) stop("too many elements");
        if (attribute_count > limits_.max_attributes) stop("too many attributes");
        builder_.open(intern(declaration.getBaseName()));
        builder_.place({to_position(locator_->getLineNumber()), to_position(locator_->getColumnNumber())});
        for (XMLSize_t i = 0; i < attribute_count; ++i) take(*attributes.elementAt(i));
        // Some scanners report an empty element by this flag alone.
        if (is_empty) builder_.close();
    }

    void endElement(xercesc::XMLElementDecl const& /*declaration*/, unsigned int /*uri*/, bool /*is_root*/,
                    XMLCh const* /*prefix*/) override {
        builder_.close();
    }

    void docCharacters(XMLCh const* chars, XMLSize_t length, bool /*cdata*/) override {
        add_text({chars, length});
    }
    void ignorableWhitespace(XMLCh const* chars, XMLSize_t length, bool /*cdata*/) override {
        add_text({chars, length});
    }

    void error(unsigned int /*code*/, XMLCh const* domain, xercesc::XMLErrorReporter::ErrTypes type,
               XMLCh const* text, XMLCh const* /*system_id*/, XMLCh const* /*public_id*/, XMLFileLoc line,
               XMLFileLoc column) override {
        if (type == ErrType_Warning) return;
        // A value that does not fit its type is reported under the domain of exceptions, as are bytes that
        // cannot be decoded; only the latter are fatal.
        bool const invalid =
            xercesc::XMLString::equals(domain, xercesc::XMLUni::fgValidityDomain) ||
            (xercesc::XMLString::equals(domain, xercesc::XMLUni::fgExceptDomain) && type == ErrType_Error);
        throw Stop{{invalid ? Code::schema_violation : Code::malformed,
                    plain_text(text),
                    {},
                    to_position(line),
                    to_position(column)}};
    }

    void docComment(XMLCh const* /*text*/) override {}
    void docPI(XMLCh const* /*target*/, XMLCh const* /*data*/) override {}
    void startDocument() override {}
    void endDocument() override {}
    void resetDocument() override {}
    void resetErrors() override {}
    void startEntityReference(xercesc::XMLEntityDecl const& /*declaration*/) override {}
    void endEntityReference(xercesc::XMLEntityDecl const& /*declaration*/) override {}
    void XMLDecl(XMLCh const* version, XMLCh const* /*encoding*/, XMLCh const* /*standalone*/,
                 XMLCh const* /*actual_encoding*/) override {
        // XML 1.1 would let control characters in.
        if (!xercesc::XMLString::equals(version, u"1.0")) fail_here(Code::malformed, "only XML 1.0 is known");
    }

private:
    [[noreturn]] void fail_here(Code code, char const* message) const {
        throw Stop{{code,
                    message,
                    {},
                    to_position(locator_->getLineNumber()),
                    to_position(locator_->getColumnNumber())}};
    }
    [[noreturn]] void stop(char const* message) const { fail_here(Code::limit_exceeded, message); }

    std::uint32_t intern(std::u16string_view name) {
        if (name.size() > limits_.max_name) stop("name is too long");
        auto const index = builder_.intern(to_utf8(name));
        if (index >= limits_.max_distinct_names) stop("too many different names");
        return index;
    }

    void take(xercesc::XMLAttr const& attribute) {
        bool const declares_namespace = is_namespace_declaration(attribute.getQName());
        if (declares_namespace) {
            saw_namespace_ = true;
            return;
        }
        std::u16string_view const value(attribute.getValue());
        if (value.size() > limits_.max_text) stop("attribute value is too long");
        auto const name = intern(attribute.getName());
        builder_.attribute(name, to_utf8(value));
    }

    void add_text(std::u16string_view piece) {
        // White space around the root element.
        if (builder_.depth() == 0) return;
        builder_.text(to_utf8(piece));
        if (builder_.open_text_units() > limits_.max_text) stop("text is too long");
    }

    /// Valid until the next call.
    std::string_view to_utf8(std::u16string_view units) {
        utf8_.clear();
        append_utf8(utf8_, units, pending_);
        return utf8_;
    }

    Builder builder_;
    xercesc::Locator const* locator_ = nullptr;
    Limits limits_;
    std::string utf8_;
    char16_t pending_ = 0; ///< first half of a pair whose other half is in the next piece of text
    bool saw_namespace_ = false;
};

/// Gives out the grammars of the locked pool beside names of namespaces of its own. The locked pool would
/// keep every name that any document ever declared, behind a lock that all threads share.
class ReaderPool final : public xercesc::XMLGrammarPoolImpl {
public:
    explicit ReaderPool(xercesc::XMLGrammarPool& shared)
        : shared_(shared) {
        auto const& names = *shared.getURIStringPool();
        // The same order gives the same numbers, which the grammars refer to.
        for (unsigned int id = 1; id <= names.getStringCount(); ++id) {
            getURIStringPool()->addOrFind(names.getValueForId(id));
        }
    }
    xercesc::Grammar* retrieveGrammar(xercesc::XMLGrammarDescription* description) override {
        return shared_.retrieveGrammar(description);
    }

private:
    xercesc::XMLGrammarPool& shared_;
};

std::unique_ptr<ReaderPool> make_pool(xercesc::XMLGrammarPool* shared) {
    return shared == nullptr ? nullptr : std::make_unique<ReaderPool>(*shared);
}

} // namespace

struct Reader::Parts {
    explicit Parts(xercesc::XMLGrammarPool* shared)
        // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks): std::unique_ptr gives it back
        : pool(make_pool(shared))
        , resolver(pool.get()) {
        auto const* const kind =
            pool == nullptr ? xercesc::XMLUni::fgWFXMLScanner : xercesc::XMLUni::fgSGXMLScanner;
        scanner.reset(xercesc::XMLScannerResolver::resolveScanner(kind, &handler, nullptr, nullptr, &handler,
                                                                  nullptr, &resolver));
        scanner->setURIStringPool(resolver.getStringPool());
        scanner->setDoNamespaces(true);
        scanner->setDoSchema(pool != nullptr);
        scanner->setValidationScheme(pool == nullptr ? xercesc::XMLScanner::Val_Never
                                                     : xercesc::XMLScanner::Val_Always);
        scanner->setIdentityConstraintChecking(false);
        scanner->setNormalizeData(false);
        scanner->useCachedGrammarInParse(pool != nullptr);
        scanner->cacheGrammarFromParse(false);
        // Nothing but the bytes at hand is ever read: no schema hints, no entities, no DTD.
        scanner->setLoadSchema(false);
        scanner->setLoadExternalDTD(false);
        scanner->setDisallowDTD(true);
        scanner->setDisableDefaultEntityResolution(true);
        scanner->setSecurityManager(&security);
        // The scanner looks for a grammar without namespace only when told of a place of one; the cached
        // grammar is taken before the place, which does not exist, matters.
        if (pool != nullptr) scanner->setExternalNoNamespaceSchemaLocation(u"cached");
    }

    Result<Document> run(xercesc::InputSource const& source, Limits const& limits) {
        handler.begin(scanner->getLocator(), limits);
        try {
            scanner->scanDocument(source);
            return handler.finish();
        } catch (Stop& stop) {
            return std::unexpected(std::move(stop.error));
        } catch (xercesc::XMLException const& exception) {
            return fail(Code::malformed, plain_text(exception.getMessage()));
        }
    }

    xercesc::SecurityManager security;
    std::unique_ptr<ReaderPool> pool;
    xercesc::GrammarResolver resolver;
    Handler handler;
    std::unique_ptr<xercesc::XMLScanner> scanner;
};

void start_xerces() {
    static std::once_flag once;
    std::call_once(once, [] { xercesc::XMLPlatformUtils::Initialize(); });
}

Reader::Reader(xercesc::XMLGrammarPool* pool)
    : pool_(pool)
    , parts_(std::make_unique<Parts>(pool)) {}
Reader::~Reader() = default;

Result<Document> Reader::read(std::string_view text, Limits const& limits) {
    xercesc::MemBufInputSource source(reinterpret_cast<XMLByte const*>(text.data()), text.size(), u"message");
    source.setCopyBufToStream(false);
    source.setEncoding(xercesc::XMLUni::fgUTF8EncodingString);
    auto result = parts_->run(source, limits);
    // The scanner never forgets the name of a namespace.
    if (parts_->handler.saw_namespace()) parts_ = std::make_unique<Parts>(pool_);
    return result;
}

Result<Document> parse(BytesView bytes, Limits const& limits) {
    auto const decoded = decode(bytes, limits);
    if (!decoded) return std::unexpected(decoded.error());
    auto const text = decoded->text();
    if (auto plain = read_plain(text, limits)) return std::move(*plain);
    if (auto const prolog = prepare(text, limits); !prolog) return std::unexpected(prolog.error());
    start_xerces();
    thread_local Reader reader(nullptr);
    return reader.read(text, limits);
}

} // namespace pointman::schemas
