// SPDX-License-Identifier: Apache-2.0
#include "schemas/validator.hpp"
#include "tests/unit/schemas/samples.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

namespace pointman {
namespace {

using test::all_samples;
using test::Sample;

TEST_CASE("every schema has valid and invalid samples, and every sample a schema") {
    std::map<std::string, std::pair<int, int>> counts;
    for (auto const& sample : all_samples()) {
        auto& [valid, invalid] = counts[sample.schema];
        ++(sample.valid ? valid : invalid);
    }
    std::set<std::string> schemas;
    for (auto const name : schemas::schema_names()) schemas.emplace(name);
    for (auto const& [name, count] : counts) {
        INFO(name);
        CHECK(schemas.contains(name));
    }
    for (auto const& name : schemas) {
        INFO(name);
        bool const is_reply = name.find("_reply") != std::string::npos ||
                              name.find("_response") != std::string::npos || name.starts_with("reply_");
        CHECK(counts[name].first >= 1);
        CHECK(counts[name].second >= (is_reply ? 2 : 4));
    }
}

TEST_CASE("samples validate as their folder says") {
    for (auto const& sample : all_samples()) {
        INFO(sample.path.string());
        auto const bytes = test::read_bytes(sample.path);
        REQUIRE(schemas::parse(bytes).has_value());
        auto const result = schemas::validate(sample.schema, bytes);
        if (sample.valid) {
            INFO((result ? "" : describe(result.error())));
            CHECK(result.has_value());
        } else {
            REQUIRE_FALSE(result.has_value());
            INFO(describe(result.error()));
            CHECK(result.error().code == Code::schema_violation);
            // The first line is the licence.
            CHECK(result.error().line >= 2);
            CHECK(result.error().column >= 1);
            CHECK_FALSE(result.error().message.empty());
        }
    }
}

/// xmllint's verdict on every file, by path.
std::map<std::string, bool> ask_xmllint(std::string const& schema, std::vector<Sample> const& samples) {
    test::TemporaryDirectory const directory;
    auto const output = (directory.path() / "output").string();
    std::string command =
        "xmllint --noout --nonet --schema '" + test::source_file("schemas/" + schema).string() + "'";
    for (auto const& sample : samples) command += " '" + sample.path.string() + "'";
    command += " > '" + output + "' 2>&1";
    auto const status = std::system(command.c_str());
    // 0: all are valid; 3 or 4: some are not. Anything else: it is not there, or cannot use the schema.
    auto const exit_code = status >> 8;
    INFO(test::read_text(output));
    REQUIRE((exit_code == 0 || exit_code == 3 || exit_code == 4));

    std::map<std::string, bool> verdicts;
    std::istringstream lines(test::read_text(output));
    for (std::string line; std::getline(lines, line);) {
        constexpr std::string_view good = " validates";
        constexpr std::string_view bad = " fails to validate";
        if (line.ends_with(good)) verdicts[line.substr(0, line.size() - good.size())] = true;
        if (line.ends_with(bad)) verdicts[line.substr(0, line.size() - bad.size())] = false;
    }
    return verdicts;
}

TEST_CASE("xmllint agrees on every sample") {
    std::map<std::string, std::vector<Sample>> by_schema;
    for (auto const& sample : all_samples()) by_schema[sample.schema].push_back(sample);
    for (auto const& [schema, samples] : by_schema) {
        auto const verdicts = ask_xmllint(schema, samples);
        for (auto const& sample : samples) {
            INFO(sample.path.string());
            auto const found = verdicts.find(sample.path.string());
            REQUIRE(found != verdicts.end());
            CHECK(found->second == sample.valid);
        }
    }
}

} // namespace
} // namespace pointman
