// SPDX-License-Identifier: Apache-2.0
// What the acceptor says yes to, the validator says yes to, and makes the same Document of.
#include "schemas/acceptor.hpp"
#include "schemas/grammars.hpp"
#include "schemas/plain.hpp"
#include "schemas/reader.hpp"
#include "tests/support/document_text.hpp"
#include "tests/unit/schemas/samples.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <map>
#include <set>

namespace pointman {
namespace {

using namespace std::string_literals;

using schemas::Grammar;

Grammar const& grammar_of(std::string_view schema) {
    auto const all = schemas::grammars();
    auto const found = std::ranges::find(all, schema, &Grammar::name);
    REQUIRE(found != all.end());
    return *found;
}

/// What the validator alone makes of it; the description of its error, if that is all.
std::string by_validator(Grammar const& grammar, std::string_view text) {
    static std::map<std::string_view, std::unique_ptr<schemas::Reader>> readers;
    auto& reader = readers[grammar.name];
    if (!reader) reader = std::make_unique<schemas::Reader>(grammar.pool.get());
    auto const document = reader->read(text, {});
    return document ? test::text_of(*document) : describe(document.error());
}

TEST_CASE("every schema has an acceptor, which knows valid samples") {
    std::set<std::string> with_accepted;
    for (auto const& sample : test::all_samples()) {
        INFO(sample.path.string());
        auto const& grammar = grammar_of(sample.schema);
        REQUIRE(grammar.acceptor.has_value());
        auto const text = test::read_text(sample.path);
        auto const plain = schemas::read_plain(text, {});
        if (!plain) continue;
        CHECK(grammar.acceptor->accepts(*plain) == sample.valid);
        if (sample.valid) with_accepted.insert(sample.schema);
        // The acceptor of another schema is right about that one.
        for (auto const& other : schemas::grammars()) {
            if (!other.acceptor->accepts(*plain)) continue;
            INFO(other.name);
            CHECK((by_validator(other, text) == test::text_of(*plain)));
        }
    }
    CHECK(with_accepted.size() == schemas::grammars().size());
}

/// A document that can be changed and written.
struct Tree {
    std::string name;
    std::vector<std::pair<std::string, std::string>> attributes;
    std::string text;
    std::vector<Tree> children;
};

Tree tree_of(schemas::Element const& element) {
    Tree tree{std::string(element.name()), {}, std::string(element.text()), {}};
    for (auto const& [name, value] : element.attributes()) tree.attributes.emplace_back(name, value);
    for (schemas::Element const child : element.children()) tree.children.push_back(tree_of(child));
    return tree;
}

std::string escape(std::string_view text) {
    std::string out;
    for (char const c : text) {
        switch (c) {
        case '<':
            out += "&lt;";
            break;
        case '&':
            out += "&amp;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

void write(Tree const& tree, std::string& out) {
    out += "<" + tree.name;
    for (auto const& [name, value] : tree.attributes) out += " " + name + "=\"" + escape(value) + "\"";
    out += ">" + escape(tree.text);
    for (auto const& child : tree.children) write(child, out);
    out += "</" + tree.name + ">";
}

void collect(Tree& tree, std::vector<Tree*>& all) {
    all.push_back(&tree);
    for (auto& child : tree.children) collect(child, all);
}

std::string random_value() {
    static std::vector<std::string> const values{"",
                                                 " ",
                                                 "\n",
                                                 "x",
                                                 "0",
                                                 "1",
                                                 "-1",
                                                 "+1",
                                                 " 1",
                                                 "1.0",
                                                 "1.00",
                                                 "1.",
                                                 "5",
                                                 "4294967295",
                                                 "4294967296",
                                                 "00",
                                                 "1e1",
                                                 "AND",
                                                 "Local",
                                                 "Full",
                                                 "GUID:935B7780-91E6-4E7D-A008-D7A0A3B13D74",
                                                 "2026-11-23T10:00:00Z",
                                                 "\xC3\xA9"};
    return *rc::gen::elementOf(values);
}

/// Drops, doubles, moves, renames, adds or fills something.
void change(Tree& root) {
    std::vector<Tree*> all;
    collect(root, all);
    auto const pick = [](auto const& list) { return *rc::gen::inRange<std::size_t>(0, list.size()); };
    auto& tree = *all[pick(all)];
    auto const other = all[pick(all)]->name;
    auto& children = tree.children;
    auto& attributes = tree.attributes;
    auto const kind = *rc::gen::inRange(0, 12);
    if (kind == 0 && !children.empty())
        children.erase(children.begin() + static_cast<std::ptrdiff_t>(pick(children)));
    if (kind == 1 && !children.empty()) {
        auto const copy = children[pick(children)];
        children.insert(children.begin() + static_cast<std::ptrdiff_t>(pick(children)), copy);
    }
    if (kind == 2 && !children.empty()) std::swap(children[pick(children)], children[pick(children)]);
    if (kind == 3 && !children.empty()) std::ranges::reverse(children);
    if (kind == 4) children.push_back({other, {}, random_value(), {}});
    if (kind == 5) children.insert(children.begin(), {"Unknown", {{"a", "b"}}, "x", {}});
    if (kind == 6) tree.name = other;
    if (kind == 7) tree.text = random_value();
    if (kind == 8) children.clear();
    if (kind == 9 && !attributes.empty())
        attributes.erase(attributes.begin() + static_cast<std::ptrdiff_t>(pick(attributes)));
    if (kind == 10 && !attributes.empty()) attributes[pick(attributes)].second = random_value();
    if (kind == 11)
        attributes.emplace_back(*rc::gen::elementOf(std::vector<std::string>{"ID", "Unknown"}), "1");
}

TEST_CASE("whatever an acceptor says yes to is valid, and the same document") {
    struct Start {
        Grammar const* grammar;
        Tree tree;
    };
    std::vector<Start> starts;
    for (auto const& sample : test::all_samples()) {
        if (!sample.valid) continue;
        auto const document = schemas::parse(test::read_bytes(sample.path));
        starts.push_back({&grammar_of(sample.schema), tree_of(document->root())});
    }
    std::size_t accepted = 0;
    std::size_t valid = 0;
    bool const held = rc::check([&] {
        for (int i = 0; i < 100; ++i) {
            auto const& start = starts[*rc::gen::inRange<std::size_t>(0, starts.size())];
            auto tree = start.tree;
            for (auto changes = *rc::gen::inRange(1, 4); changes > 0; --changes) change(tree);
            std::string text;
            write(tree, text);
            auto const plain = schemas::read_plain(text, {});
            auto const expected = by_validator(*start.grammar, text);
            if (expected.starts_with("<")) ++valid;
            if (!plain || !start.grammar->acceptor->accepts(*plain)) continue;
            ++accepted;
            INFO(text);
            RC_ASSERT(expected == test::text_of(*plain));
        }
    });
    CHECK(held);
    // Both verdicts were often to be had, and the acceptor misses few of those that are valid.
    INFO(accepted << " of " << valid);
    CHECK(accepted > 1000);
    CHECK(accepted < 9000);
    CHECK(accepted * 10 > valid * 9);
}

std::string schema(std::string_view inside) {
    return "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">" + std::string(inside) + "</xs:schema>";
}

std::string root_with(std::string_view inside) {
    return schema("<xs:element name=\"a\"><xs:complexType>" + std::string(inside) +
                  "</xs:complexType></xs:element>");
}

std::optional<schemas::Acceptor> compile(std::string const& text) {
    auto const document = schemas::parse(as_bytes(text));
    REQUIRE(document.has_value());
    return schemas::compile_acceptor(*document);
}

TEST_CASE("what an acceptor accepts") {
    struct Case {
        char const* name;
        std::string schema;
        std::vector<std::string> accepted;
        std::vector<std::string> left;
    };
    std::string const any = R"(<xs:any minOccurs="0" maxOccurs="unbounded" processContents="skip"/>)";
    std::string const b = R"(<xs:element name="b" type="xs:string"/>)";
    std::string const c = R"(<xs:element name="c" type="xs:string" minOccurs="0"/>)";
    std::vector<Case> const cases{
        {"string",
         schema(R"(<xs:element name="a" type="xs:string"/>)"),
         {"<a/>", "<a> x </a>"},
         {"<b/>", "<a b=''/>", "<a><b/></a>"}},
        {"nothing", root_with(""), {"<a/>", "<a></a>"}, {"<a> </a>", "<a><b/></a>", "<a b=''/>"}},
        {"sequence",
         root_with("<xs:sequence>" + b + c + "</xs:sequence>"),
         {"<a><b/></a>", "<a>\n<b>x</b> <c/></a>"},
         {"<a/>", "<a> </a>", "<a><c/><b/></a>", "<a><b/><b/></a>", "<a><b/><c/><c/></a>", "<a>x<b/></a>",
          "<a><b/><d/></a>"}},
        {"sequence twice",
         root_with("<xs:sequence minOccurs='2' maxOccurs='3'>" + b + c + "</xs:sequence>"),
         {"<a><b/><b/></a>", "<a><b/><c/><b/><b/></a>"},
         {"<a><b/></a>", "<a><b/><b/><b/><b/></a>"}},
        {"choice",
         root_with("<xs:choice>" + b + c + "</xs:choice>"),
         {"<a><b/></a>", "<a><c/></a>", "<a/>"},
         {"<a><b/><c/></a>", "<a><d/></a>"}},
        {"choice again and again, then one",
         root_with("<xs:sequence><xs:choice minOccurs='0' maxOccurs='unbounded'>" + b + c +
                   "</xs:choice><xs:element name='d' type='xs:string'/>" + any + "</xs:sequence>"),
         {"<a><d/></a>", "<a><c/><b/><b/><d/></a>", "<a><d/><e f=''><g/></e><b/></a>"},
         {"<a><b/></a>", "<a/>", "<a><e/><d/></a>"}},
        {"all",
         root_with("<xs:all>" + b + c + "</xs:all>"),
         {"<a><b/></a>", "<a><c/><b/></a>", "<a><b/><c/></a>"},
         {"<a><c/></a>", "<a><b/><b/></a>", "<a><b/><d/></a>"}},
        {"group",
         schema(R"(<xs:group name="g"><xs:choice>)" + b +
                R"(</xs:choice></xs:group><xs:element name="a"><xs:complexType>)"
                R"(<xs:group ref="g" maxOccurs="2"/></xs:complexType></xs:element>)"),
         {"<a><b/></a>", "<a><b/><b/></a>"},
         {"<a/>", "<a><b/><b/><b/></a>"}},
        {"a type inside itself",
         schema(R"(<xs:element name="a" type="t"/><xs:complexType name="t"><xs:sequence>)"
                R"(<xs:element name="a" type="t" minOccurs="0"/></xs:sequence></xs:complexType>)"),
         {"<a/>", "<a><a><a/></a></a>"},
         {"<a><a/><a/></a>", "<a><a><b/></a></a>"}},
        {"mixed",
         schema(R"(<xs:element name="a"><xs:complexType mixed="true"><xs:sequence>)" + c +
                "</xs:sequence></xs:complexType></xs:element>"),
         {"<a/>", "<a>x<c/>y</a>"},
         {"<a>x<b/></a>"}},
        {"attributes",
         root_with(
             R"(<xs:attribute name="r" type="xs:string" use="required"/><xs:attribute name="n" type="xs:integer"/>)"),
         {"<a r=''/>", "<a n='007' r=''/>"},
         {"<a/>", "<a n='1'/>", "<a r='' n=''/>", "<a r='' n='-1'/>", "<a r='' n=' 1'/>", "<a r='' x=''/>",
          "<a r='' n='1234567890'/>"}},
        {"any attribute", root_with(R"(<xs:anyAttribute processContents="skip"/>)"), {"<a x='' y=''/>"}, {}},
        {"values",
         root_with(
             R"(<xs:attribute name="e"><xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="x"/>)"
             R"(<xs:enumeration value="y"/></xs:restriction></xs:simpleType></xs:attribute>)"
             R"(<xs:attribute name="p"><xs:simpleType><xs:restriction base="xs:string">)"
             R"(<xs:pattern value="1(\.0+)?"/></xs:restriction></xs:simpleType></xs:attribute>)"
             R"(<xs:attribute name="n"><xs:simpleType><xs:restriction base="xs:integer">)"
             R"(<xs:minInclusive value="2"/><xs:maxInclusive value="4"/></xs:restriction></xs:simpleType></xs:attribute>)"
             R"(<xs:attribute name="l"><xs:simpleType><xs:restriction base="xs:string">)"
             R"(<xs:minLength value="2"/></xs:restriction></xs:simpleType></xs:attribute>)"),
         {"<a e='y' p='1.00' n='4' l='xy'/>", "<a p='1' n='2' l='\xC3\xA9\xC3\xA9'/>"},
         {"<a e='X'/>", "<a e=''/>", "<a p='1x0'/>", "<a p='11'/>", "<a p=' 1'/>", "<a n='1'/>", "<a n='5'/>",
          "<a l='\xC3\xA9'/>", "<a p='1." + std::string(100'000, '0') + "'/>"}},
    };
    for (auto const& [name, text, accepted, left] : cases) {
        INFO(name);
        auto const acceptor = compile(text);
        REQUIRE(acceptor.has_value());
        for (auto const& document : accepted) {
            INFO(document);
            CHECK(acceptor->accepts(*schemas::read_plain(document, {})));
        }
        for (auto const& document : left) {
            INFO(document.substr(0, 100));
            CHECK_FALSE(acceptor->accepts(*schemas::read_plain(document, {})));
        }
    }
}

TEST_CASE("a schema that says more than an acceptor knows has none") {
    std::string const b = R"(<xs:element name="b" type="xs:string"/>)";
    auto const attribute = [](std::string_view rest) {
        return root_with("<xs:attribute name=\"b\" type=\"xs:string\" " + std::string(rest) + "/>");
    };
    auto const values = [](std::string_view facets) {
        return schema("<xs:element name=\"a\"><xs:simpleType><xs:restriction base=\"xs:string\">" +
                      std::string(facets) + "</xs:restriction></xs:simpleType></xs:element>");
    };
    for (
        auto const& text : {
            schema(""),
            schema("<xs:import/><xs:element name=\"a\" type=\"xs:string\"/>"),
            "<xs:schema xmlns:xs=\"u\" targetNamespace=\"u\"><xs:element name=\"a\" type=\"xs:string\"/></xs:schema>"s,
            schema("<xs:element name=\"a\"/>"),
            schema("<xs:element name=\"a\" type=\"xs:token\"/>"),
            schema("<xs:element name=\"a\" type=\"xs:string\" nillable=\"true\"/>"),
            schema("<xs:element name=\"a\" type=\"xs:string\" default=\"x\"/>"),
            schema("<xs:element name=\"a\" type=\"xs:string\"><xs:key/></xs:element>"),
            attribute("default=\"x\""),
            attribute("fixed=\"x\""),
            attribute("use=\"prohibited\""),
            attribute("form=\"qualified\""),
            root_with("<xs:attribute ref=\"b\"/>"),
            root_with("<xs:attribute name=\"b\"/>"),
            root_with("<xs:attributeGroup ref=\"b\"/>"),
            root_with("<xs:anyAttribute/>"),
            root_with("<xs:anyAttribute processContents=\"lax\"/>"),
            root_with("<xs:anyAttribute namespace=\"##other\" processContents=\"skip\"/>"),
            root_with("<xs:sequence/>"),
            root_with("<xs:sequence><xs:any/></xs:sequence>"),
            root_with("<xs:sequence><xs:any namespace=\"##other\" processContents=\"skip\"/></xs:sequence>"),
            root_with("<xs:sequence><xs:element ref=\"b\"/></xs:sequence>"),
            root_with("<xs:sequence maxOccurs=\"0\">" + b + "</xs:sequence>"),
            root_with("<xs:all minOccurs=\"0\">" + b + "</xs:all>"),
            root_with("<xs:group ref=\"none\"/>"),
            root_with("<xs:complexContent/>"),
            values("<xs:pattern value=\".*\"/>"),
            values("<xs:pattern value=\"[a-z-[b]]\"/>"),
            values("<xs:pattern value=\"\\i\\c*\"/>"),
            values("<xs:pattern value=\"^a$\"/>"),
            values("<xs:pattern value=\"a\"/><xs:pattern value=\"b\"/>"),
            values("<xs:maxLength value=\"1\"/>"),
            values("<xs:whiteSpace value=\"collapse\"/>"),
        }) {
        INFO(text);
        CHECK_FALSE(compile(text).has_value());
    }
}

} // namespace
} // namespace pointman
