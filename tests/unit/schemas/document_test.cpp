// SPDX-License-Identifier: Apache-2.0
#include "schemas/document.hpp"

#include <catch2/catch.hpp>

namespace pointman {
namespace {

schemas::Document parse(std::string_view text) {
    auto document = schemas::parse(as_bytes(text));
    REQUIRE(document.has_value());
    return std::move(*document);
}

TEST_CASE("elements, attributes and texts") {
    auto const document = parse("<Report a=\"1\" b='2&amp;3'>\n"
                                "  <Machine><ClientID>GUID:1</ClientID><Priority/></Machine>\n"
                                "  <IP>10.0.0.1</IP><IP>10.0.0.2</IP>\n"
                                "</Report>");
    auto const root = document.root();
    CHECK(document.element_count() == 6);
    CHECK(root.name() == "Report");
    CHECK(root.text().empty());
    CHECK(root.attribute("a") == "1");
    CHECK(root.attribute("b") == "2&3");
    CHECK_FALSE(root.attribute("A").has_value());
    CHECK(root.attribute_or("c", "none") == "none");
    CHECK(root.attribute_or("a", "none") == "1");
    auto const attributes = root.attributes();
    REQUIRE(attributes.size() == 2);
    CHECK(attributes[1].name == "b");
    CHECK(attributes[1].value == "2&3");

    auto const machine = root.child("Machine");
    REQUIRE(machine.has_value());
    CHECK(machine->child_text("ClientID") == "GUID:1");
    CHECK(machine->child_text("Priority").empty());
    CHECK(machine->child_text("NetBIOSName").empty());
    CHECK(machine->has_children());
    CHECK_FALSE(machine->child("Priority")->has_children());
    CHECK_FALSE(root.child("ClientID").has_value());

    std::vector<std::string> names;
    for (schemas::Element const child : root.children()) {
        names.push_back(std::string(child.name()) + "=" + std::string(child.text()));
    }
    CHECK(names == std::vector<std::string>{"Machine=", "IP=10.0.0.1", "IP=10.0.0.2"});
    CHECK(root.child("IP")->next_sibling()->text() == "10.0.0.2");
    CHECK_FALSE(root.child("IP")->next_sibling()->next_sibling().has_value());
    CHECK(root.child("IP")->children().empty());
    CHECK_FALSE(root.next_sibling().has_value());
}

TEST_CASE("texts") {
    struct Case {
        char const* name;
        std::string_view text;
        std::string_view expected;
    };
    for (auto const& [name, text, expected] : std::initializer_list<Case>{
             {"empty", "<a/>", ""},
             {"empty pair", "<a></a>", ""},
             {"blank", "<a> \n </a>", " \n "},
             {"kept as it is", "<a>  x  </a>", "  x  "},
             {"section", "<a>1<![CDATA[<&>]]>2</a>", "1<&>2"},
             {"blank section", "<a><![CDATA[ ]]></a>", " "},
             {"references", "<a>&lt;&#65;&#x1F5B4;&gt;</a>", "<A\xF0\x9F\x96\xB4>"},
             {"comment and instruction inside", "<a>1<!-- x -->2<?y z?>3</a>", "123"},
             {"line breaks", "<a>1\r\n2\r3\n4</a>", "1\n2\n3\n4"},
             {"around children", "<a>1<b>x</b>2<b>y</b>3</a>", "123"},
             {"layout around children", "<a>\n <b>x</b>\n</a>", ""},
         }) {
        INFO(name);
        CHECK(parse(text).root().text() == expected);
    }
}

TEST_CASE("namespaces leave no trace") {
    auto const document = parse("<x:a xmlns:x=\"u\" xmlns=\"v\" x:b=\"1\" c=\"2\"><d/></x:a>");
    auto const root = document.root();
    CHECK(root.name() == "a");
    CHECK(root.attributes().size() == 2);
    CHECK(root.attribute("b") == "1");
    CHECK(root.first_child()->name() == "d");
}

TEST_CASE("places are just behind the start tag") {
    auto const document = parse("<a>\r\n  <b\n c=\"1\"/>\r<d>\xC3\xA9</d><e/>\n</a>");
    auto const root = document.root();
    auto const place = [](schemas::Element const& element) {
        return std::to_string(element.line()) + ":" + std::to_string(element.column());
    };
    CHECK(place(root) == "1:4");
    CHECK(place(*root.child("b")) == "3:9");
    CHECK(place(*root.child("d")) == "4:4");
    CHECK(place(*root.child("e")) == "4:13");
}

TEST_CASE("a document can be moved") {
    auto first = parse("<a><b>1</b></a>");
    auto const second = std::move(first);
    CHECK(second.root().child_text("b") == "1");
    auto third = parse("<c/>");
    third = parse("<d>2</d>");
    CHECK(third.root().text() == "2");
}

} // namespace
} // namespace pointman
