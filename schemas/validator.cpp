// SPDX-License-Identifier: Apache-2.0
#include "schemas/validator.hpp"

#include "embedded/pointman_schemas.hpp"
#include "schemas/encoding.hpp"
#include "schemas/grammars.hpp"
#include "schemas/plain.hpp"
#include "schemas/prolog.hpp"
#include "schemas/reader.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace pointman::schemas {
namespace {

Reader& reader_for(std::size_t grammar) {
    thread_local std::vector<std::unique_ptr<Reader>> readers;
    readers.resize(grammars().size());
    auto& reader = readers[grammar];
    if (!reader) reader = std::make_unique<Reader>(grammars()[grammar].pool.get());
    return *reader;
}

Result<Document> wrong_root(std::string const& expected, Prolog const& prolog) {
    return std::unexpected(Error{Code::schema_violation,
                                 "the root element is " + prolog.root + ", expected " + expected,
                                 {},
                                 prolog.place.line,
                                 prolog.place.column});
}

} // namespace

void load_embedded_schemas() {
    grammars();
}

std::vector<std::string_view> schema_names() {
    std::vector<std::string_view> names;
    for (auto const& file : embedded::embedded_files()) names.push_back(file.name);
    return names;
}

std::string_view schema_text(std::string_view name) {
    auto const files = embedded::embedded_files();
    auto const found = std::ranges::find(files, name, &embedded::EmbeddedFile::name);
    return found == files.end() ? std::string_view() : found->content;
}

Result<Document> validate(std::string_view schema, BytesView bytes, Limits const& limits) {
    auto const all = grammars();
    auto const found = std::ranges::find(all, schema, &Grammar::name);
    if (found == all.end()) return fail(Code::not_found, "there is no schema " + std::string(schema));
    auto const decoded = decode(bytes, limits);
    if (!decoded) return std::unexpected(decoded.error());
    auto const text = decoded->text();
    if (auto plain = read_plain(text, limits); plain && found->acceptor && found->acceptor->accepts(*plain))
        return std::move(*plain);
    auto const prolog = prepare(text, limits);
    if (!prolog) return std::unexpected(prolog.error());
    auto result = prolog->root == found->root
                      ? reader_for(static_cast<std::size_t>(found - all.begin())).read(text, limits)
                      : wrong_root(found->root, *prolog);
    if (result || result.error().code != Code::schema_violation) return result;
    // A document that is broken anyway is called so, or over a limit: that is the more telling fault, and
    // only documents that are refused pay for finding out.
    if (auto parsed = parse(bytes, limits); !parsed) return parsed;
    return result;
}

Result<std::string> root_name(BytesView bytes) {
    constexpr std::size_t window = std::size_t{64} * 1024;
    auto const decoded = decode(bytes.first(std::min(window, bytes.size())));
    auto prolog = read_prolog(decoded.text(), Limits().max_name);
    if (!prolog) {
        prolog.error().code = Code::malformed;
        return std::unexpected(std::move(prolog.error()));
    }
    return std::move(prolog->root);
}

} // namespace pointman::schemas
