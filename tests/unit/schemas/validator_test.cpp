// SPDX-License-Identifier: Apache-2.0
#include "schemas/validator.hpp"
#include "tests/support/paths.hpp"
#include "tests/unit/schemas/encode.hpp"

#include <catch2/catch.hpp>

#include <fstream>

namespace pointman {
namespace {

constexpr std::string_view upload = "<UploadRequest><MessageID>1</MessageID></UploadRequest>";

TEST_CASE("embedded schemas are the files of the source tree") {
    auto const names = schemas::schema_names();
    CHECK(names.size() == 26);
    for (auto const name : names) {
        INFO(name);
        CHECK((schemas::schema_text(name) ==
               test::read_text(test::source_file("schemas/" + std::string(name)))));
    }
    CHECK(schemas::schema_text("nothing.xsd").empty());
}

TEST_CASE("loading twice does nothing more") {
    REQUIRE_NOTHROW(schemas::load_embedded_schemas());
    REQUIRE_NOTHROW(schemas::load_embedded_schemas());
}

TEST_CASE("unknown schema") {
    auto const result = schemas::validate("nothing.xsd", as_bytes(upload));
    REQUIRE_FALSE(result.has_value());
    CHECK(name_of(result.error().code) == name_of(Code::not_found));
}

TEST_CASE("a wrong root is named beside the expected one") {
    auto const result = schemas::validate("upload_request.xsd", as_bytes("<!-- x -->\n  <Upload/>"));
    REQUIRE_FALSE(result.has_value());
    CHECK(name_of(result.error().code) == name_of(Code::schema_violation));
    CHECK(result.error().message == "the root element is Upload, expected UploadRequest");
    CHECK(result.error().line == 2);
    CHECK(result.error().column == 3);
}

TEST_CASE("violations have their place") {
    struct Case {
        char const* name;
        std::string_view schema;
        std::string_view text;
        std::uint32_t line;
        std::uint32_t column;
    };
    for (auto const& [name, schema, text, line, column] : std::initializer_list<Case>{
             {"missing element", "upload_request.xsd", "<UploadRequest>\n</UploadRequest>", 2, 17},
             {"unexpected element", "upload_request.xsd", "<UploadRequest>\n <Other/></UploadRequest>", 2,
              10},
             {"element in a text", "upload_request.xsd",
              "<UploadRequest>\n <MessageID><x/></MessageID></UploadRequest>", 2, 29},
             {"missing attribute", "status.xsd", "<Status>\n</Status>", 1, 9},
             {"value of an attribute", "status.xsd", "<Status\n SchemaVersion=\"2\">\n</Status>", 2, 20},
             {"value of an element", "status.xsd",
              "<Status SchemaVersion=\"1.0\">\n<Type></Type>\n<Properties/></Status>", 2, 14},
             {"the first of two", "status.xsd", "<Status SchemaVersion=\"1.0\">\n<A/>\n<B/></Status>", 2, 5},
             {"root in a namespace", "upload_request.xsd",
              "<UploadRequest xmlns=\"urn:x\"><MessageID/></UploadRequest>", 1, 30},
         }) {
        INFO(name);
        auto const result = schemas::validate(schema, as_bytes(text));
        REQUIRE_FALSE(result.has_value());
        INFO(describe(result.error()));
        CHECK(name_of(result.error().code) == name_of(Code::schema_violation));
        CHECK(result.error().line == line);
        CHECK(result.error().column == column);
    }
}

TEST_CASE("hints at schemas are not followed") {
    test::TemporaryDirectory const directory;
    auto const trap = (directory.path() / "trap.xsd").string();
    // Would let any UploadRequest through, and demand an attribute, if it were read.
    std::ofstream(trap) << "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"><xs:element "
                           "name=\"UploadRequest\"><xs:complexType><xs:attribute name=\"need\" "
                           "use=\"required\"/></xs:complexType></xs:element></xs:schema>";
    auto const instance = [&](std::string_view attribute, std::string_view content) {
        return "<UploadRequest xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:" +
               std::string(attribute) + trap + "\">" + std::string(content) + "</UploadRequest>";
    };
    for (std::string_view const attribute : {"noNamespaceSchemaLocation=\"", "schemaLocation=\"urn:x "}) {
        INFO(attribute);
        auto const good = instance(attribute, "<MessageID>1</MessageID>");
        auto const bad = instance(attribute, "");
        for (int again = 0; again < 2; ++again) {
            CHECK(schemas::parse(as_bytes(good)).has_value());
            CHECK(schemas::validate("upload_request.xsd", as_bytes(good)).has_value());
            CHECK_FALSE(schemas::validate("upload_request.xsd", as_bytes(bad)).has_value());
        }
    }
}

TEST_CASE("a reader is as good as new after every kind of failure") {
    std::vector<std::string> const failures{
        "<UploadRequest><MessageID>",
        "<UploadRequest><Other/></UploadRequest>",
        "<UploadRequest><MessageID/>" + test::repeat("<a>", 80),
        "<UploadRequest xmlns:x=\"urn:1\"><MessageID/><x:y/>&no;</UploadRequest>",
        test::utf16_le(u"<UploadRequest><MessageID>\xD800</MessageID></UploadRequest>"),
        "<?xml version=\"1.1\"?><UploadRequest/>",
    };
    for (auto const& failure : failures) {
        INFO(failure.substr(0, 80));
        CHECK_FALSE(schemas::validate("upload_request.xsd", as_bytes(failure)).has_value());
        auto const after = schemas::validate("upload_request.xsd", as_bytes(upload));
        REQUIRE(after.has_value());
        CHECK(after->root().child_text("MessageID") == "1");
        CHECK_FALSE(schemas::parse(as_bytes(failure + "<")).has_value());
        CHECK(schemas::parse(as_bytes(upload)).has_value());
    }
}

} // namespace
} // namespace pointman
