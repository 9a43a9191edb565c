// SPDX-License-Identifier: Apache-2.0
#include "db/json_text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <string>
#include <vector>

using namespace pointman::db;

TEST_CASE("texts as JSON", "[db][json]") {
    struct Row {
        std::vector<std::string_view> values;
        std::string json;
    };
    using namespace std::string_view_literals;
    auto const row = GENERATE(values<Row>({
        {{""}, R"("")"},
        {{"C:\\Tools"}, R"("C:\\Tools")"},
        {{"say \"x\""}, R"("say \"x\"")"},
        {{"a\nb\tc\x01"}, R"("a\nb\tc\u0001")"},
        {{"a\0b"sv}, R"("a\u0000b")"},
        {{"Grüße/€"}, R"("Grüße/€")"},
        {{"a", "b\\", ""}, R"(["a","b\\",""])"},
        {{}, "[]"},
    }));
    std::string json = "x";
    append_json(json, row.values);
    CHECK(json == "x" + row.json);
}

TEST_CASE("any text is what the library would write", "[db][json]") {
    CHECK(rc::check("any text", [](std::string const& text) {
        // Bytes that are no UTF-8 pass: what is stored was checked before.
        std::string json;
        append_json(json, std::string_view(text));
        RC_ASSERT(json == boost::json::serialize(boost::json::string_view(text.data(), text.size())));
    }));
}
