// SPDX-License-Identifier: Apache-2.0
#include "schemas/document.hpp"
#include "tests/unit/schemas/encode.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <map>

namespace pointman {
namespace {

struct Tree {
    std::u16string name;
    std::map<std::u16string, std::u16string> attributes;
    std::u16string text;
    std::vector<Tree> children;
    bool as_section = false;
};

/// Written on its own, by the definition of the encoding, to check the library's against.
std::string utf8(std::u16string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::uint32_t c = text[i];
        if (c >= 0xD800 && c < 0xDC00) c = 0x10000U + ((c & 0x3FFU) << 10U) + (text[++i] & 0x3FFU);
        unsigned const tails = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        constexpr std::array<unsigned, 4> first{0, 0xC0, 0xE0, 0xF0};
        out += static_cast<char>(first.at(tails) | (c >> (6U * tails)));
        for (unsigned t = tails; t > 0; --t)
            out += static_cast<char>(0x80U | ((c >> (6U * (t - 1))) & 0x3FU));
    }
    return out;
}

std::u16string random_text() {
    static std::vector<std::u16string> const pieces{
        u"a",      u"Z",          u"0",          u" ",          u"\n",
        u"<",      u">",          u"&",          u"\"",         u"'",
        u"]]>",    u"\u00E9",     u"\u07FF",     u"\u0800",     u"\u6F22",
        u"\uFFFD", u"\U00010000", u"\U0001F5B4", u"\U0010FFFF", u"0123456789abcdefghijklmnop"};
    std::u16string text;
    for (auto const& piece : *rc::gen::container<std::vector<std::u16string>>(rc::gen::elementOf(pieces))) {
        text += piece;
    }
    return text;
}

std::u16string random_name() {
    static std::vector<std::u16string> const names{u"a",      u"Instance",  u"Win32_BIOS",
                                                   u"_x.y-1", u"\u00DCber", u"\u6F22"};
    return *rc::gen::elementOf(names);
}

Tree random_tree(int depth) {
    Tree tree;
    tree.name = random_name();
    for (int i = *rc::gen::inRange(0, 4); i > 0; --i) tree.attributes[random_name()] = random_text();
    tree.text = random_text();
    tree.as_section = *rc::gen::arbitrary<bool>();
    if (depth > 0) {
        for (int i = *rc::gen::inRange(0, 4); i > 0; --i) tree.children.push_back(random_tree(depth - 1));
    }
    return tree;
}

/// Line breaks in attributes as references, since they would be read as blanks.
std::u16string escape(std::u16string_view text) {
    std::u16string out;
    for (char16_t const unit : text) {
        switch (unit) {
        case u'<':
            out += u"&lt;";
            break;
        case u'>':
            out += u"&gt;";
            break;
        case u'&':
            out += u"&amp;";
            break;
        case u'"':
            out += u"&quot;";
            break;
        case u'\n':
            out += u"&#10;";
            break;
        default:
            out += unit;
        }
    }
    return out;
}

std::u16string write_text(Tree const& tree, std::u16string_view part) {
    bool const can_be_section = part.find(u"]]>") == std::u16string_view::npos && !part.empty();
    if (tree.as_section && can_be_section) return u"<![CDATA[" + std::u16string(part) + u"]]>";
    return escape(part);
}

/// Half of the text before the children and half behind them. Never cuts a pair.
std::u16string write(Tree const& tree) {
    auto out = u"<" + tree.name;
    for (auto const& [name, value] : tree.attributes) out += u" " + name + u"=\"" + escape(value) + u"\"";
    if (tree.text.empty() && tree.children.empty()) return out + u"/>";
    auto half = tree.text.size() / 2;
    if (half < tree.text.size() && (tree.text[half] & 0xFC00U) == 0xDC00U) ++half;
    std::u16string_view const text = tree.text;
    out += u">" + write_text(tree, text.substr(0, half));
    for (auto const& child : tree.children) out += write(child);
    return out + write_text(tree, text.substr(half)) + u"</" + tree.name + u">";
}

void check_equal(schemas::Element const& element, Tree const& tree) {
    RC_ASSERT(element.name() == utf8(tree.name));
    RC_ASSERT(element.attributes().size() == tree.attributes.size());
    for (auto const& [name, value] : tree.attributes) {
        RC_ASSERT(element.attribute(utf8(name)) == std::optional<std::string_view>(utf8(value)));
    }
    bool const is_layout =
        !tree.children.empty() && tree.text.find_first_not_of(u" \n") == std::u16string::npos;
    RC_ASSERT(element.text() == (is_layout ? std::string() : utf8(tree.text)));
    auto child = element.first_child();
    for (auto const& expected : tree.children) {
        RC_ASSERT(child.has_value());
        check_equal(*child, expected);
        child = child->next_sibling();
    }
    RC_ASSERT(!child.has_value());
}

TEST_CASE("a tree that is written and parsed is the same tree") {
    bool const held = rc::check([] {
        auto const tree = random_tree(4);
        auto const text = write(tree);
        std::string bytes;
        switch (*rc::gen::inRange(0, 6)) {
        case 0:
            bytes = utf8(text);
            break;
        case 1:
            bytes = "\xEF\xBB\xBF" + utf8(text);
            break;
        case 2:
            bytes = test::utf16_le(text);
            break;
        case 3:
            bytes = "\xFF\xFE" + test::utf16_le(text);
            break;
        case 4:
            bytes = test::utf16_be(text);
            break;
        default:
            bytes = "\xFE\xFF" + test::utf16_be(text);
            break;
        }
        auto const document = schemas::parse(as_bytes(bytes));
        RC_ASSERT(document.has_value());
        check_equal(document->root(), tree);
    });
    CHECK(held);
}

TEST_CASE("cutting a document anywhere never does more than refuse it") {
    bool const held = rc::check([] {
        auto const bytes = test::utf16_le(write(random_tree(2)));
        auto const size = *rc::gen::inRange<std::size_t>(0, bytes.size());
        auto const cut = std::string_view(bytes).substr(0, size);
        auto const document = schemas::parse(as_bytes(cut));
        // The very last unit closes the root, so only a cut of nothing but the odd byte could pass.
        RC_ASSERT(!document.has_value());
        RC_ASSERT(document.error().line >= 1U);
    });
    CHECK(held);
}

} // namespace
} // namespace pointman
