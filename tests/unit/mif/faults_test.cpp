// SPDX-License-Identifier: Apache-2.0
// Texts that are no MIF: what is said of each, and where.
#include "endpoints/mif/mif.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace pointman;

namespace {

struct Bad {
    std::string name;
    std::string text;
    std::string message;
    std::uint32_t line;
    std::uint32_t column;
    Code code = Code::bad_mif;
};

void check(Bad const& bad, mif::Limits const& limits = {}) {
    CAPTURE(bad.name, bad.text.substr(0, 500));
    auto const component = mif::parse(bad.text, limits);
    REQUIRE_FALSE(component);
    CHECK(component.error().message == bad.message);
    CHECK(component.error().line == bad.line);
    CHECK(component.error().column == bad.column);
    CHECK(component.error().code == bad.code);
}

// Each in a line of its own, so that the line tells which.
std::string in_component(std::string const& inside) {
    return "Start Component\n" + inside + "\nEnd Component";
}
std::string in_group(std::string const& inside) {
    return in_component("Start Group Name=\"G\" Class=\"V|G|1\"\n" + inside + "\nEnd Group");
}
std::string in_attribute(std::string const& inside) {
    return in_group("Start Attribute\n" + inside + "\nEnd Attribute");
}
std::string with_value(std::string const& type, std::string const& value) {
    return in_attribute("Name=\"A\" ID=1\nType = " + type + "\nValue = " + value);
}
std::string with_row(std::string const& row) {
    return in_component(
        "Start Group Name=\"G\" Class=\"V|G|1\" Start Attribute Name=\"A\" ID=1 Type=Integer End "
        "Attribute Start Attribute Name=\"B\" ID=2 Type=String(3) End Attribute End Group\n"
        "Start Table Class = \"V|G|1\"\n" +
        row + "\nEnd Table");
}

constexpr auto inside_component =
    "expected NAME, DESCRIPTION, PRAGMA, START PATH, START ENUM, START GROUP, START "
    "TABLE or END COMPONENT, found ";
constexpr auto inside_group =
    "expected NAME, CLASS, ID, KEY, DESCRIPTION, PRAGMA, START ATTRIBUTE or END GROUP, found ";
constexpr auto inside_attribute =
    "expected NAME, ID, DESCRIPTION, ACCESS, STORAGE, TYPE, VALUE or END ATTRIBUTE, found ";
constexpr auto types = "expected Counter, Counter64, Gauge, Integer, Integer64, OctetString, String, "
                       "DisplayString, Date or an enumeration, found ";

} // namespace

TEST_CASE("blocks that are not in order") {
    check({"nothing", "", "expected START, found the end of the text", 1, 1});
    check({"comments alone", "// a\n// b", "expected START, found the end of the text", 2, 5});
    check({"another beginning", "\n  <Report/>", "expected a word, a number or a text in quotes, found \"<\"",
           2, 3});
    check({"another word", "Begin Component", "expected START, found \"Begin\"", 1, 1});
    check({"no component", "Start Group", "expected COMPONENT, found \"Group\"", 1, 7});
    check({"no end", "Start Component\nName=\"x\"\n",
           "expected END COMPONENT of line 1, found the end of the text", 3, 1});
    check({"no end of a group", "Start Component\n\n Start Group\nName=\"x\"",
           "expected END GROUP of line 3, found the end of the text", 4, 9});
    check({"another end", in_group("End Attribute"), "expected GROUP, found \"Attribute\"", 3, 5});
    check({"something behind it", in_component("") + "\nStart Component",
           "expected the end of the text, found \"Start\"", 4, 1});
    check({"unknown statement", in_component("Colour = \"red\""),
           inside_component + std::string("\"Colour\""), 2, 1});
    check({"unknown block", in_component(" Start Pump"), inside_component + std::string("\"Pump\""), 2, 8});
    check({"a number in place of a statement", in_component("5"), inside_component + std::string("\"5\""), 2,
           1});
    check({"a group in a group", in_group("Start Group"), inside_group + std::string("\"Group\""), 3, 7});
    check({"a value in a group", in_group("Value = 1"), inside_group + std::string("\"Value\""), 3, 1});
    check({"a block in an attribute", in_attribute("Start Table"),
           inside_attribute + std::string("\"Table\""), 4, 7});
    check({"a statement of tables in a path", in_component("Start Path\n{1} End Path"),
           "expected NAME, an operating system with its path or END PATH, found \"{\"", 3, 1});
    check({"a path that is a number", in_component("Start Path\nDOS = 5 End Path"),
           "expected a text in quotes, found \"5\"", 3, 7});
    check({"no equals sign", in_component("Name \"x\""), "expected \"=\", found the text \"x\"", 2, 6});
    check({"no text", in_component("Name = Pump"), "expected a text in quotes, found \"Pump\"", 2, 8});
    check({"a text that does not end", in_component("Name = \"Pump\n\""),
           "a text that does not end on its line", 2, 8});
    check({"a text that ends in an escape", in_component("Name = \"C:\\\"\n"),
           "a text that does not end on its line", 2, 8});
    check({"a text that the file ends in", "Start Component Name = \"Pu",
           "a text that does not end on its line", 1, 24});
    check({"a text in a row that does not end", in_component("Name = \"a\" \"b"),
           "a text that does not end on its line", 2, 12});
    check({"another character", in_component("Name : \"x\""),
           "expected a word, a number or a text in quotes, found \":\"", 2, 6});
    check({"half a comment", in_component("/ Name"),
           "expected a word, a number or a text in quotes, found \"/\"", 2, 1});
    check({"columns count characters", in_component("Name = \"\xC3\xA4\xC3\xB6\" ?"),
           "expected a word, a number or a text in quotes, found \"?\"", 2, 13});
    check({"long things are cut", in_component(std::string(41, 'x')),
           inside_component + fmt::format("\"{}...\"", std::string(40, 'x')), 2, 1});
}

TEST_CASE("groups that are not in order") {
    check({"no name", in_component("  Start Group ID=1\nEnd Group"), "a group with neither NAME nor CLASS", 2,
           3});
    check({"ID is a text", in_group("ID = \"1\""), "expected a number, found the text \"1\"", 3, 6});
    check({"ID below zero", in_group("ID = -1"), "expected a number, found \"-1\"", 3, 6});
    check({"ID is no number", in_group("ID = 1x"), "expected a number, found \"1x\"", 3, 6});
    check({"KEY without a number", in_group("Key = 1,"), "expected the number of an attribute, found \"End\"",
           4, 1});
    check({"KEY of no attribute",
           in_group("Key = 1,\n 2 Start Attribute Name=\"A\" ID=1 Type=Integer End Attribute"),
           "KEY names the attribute 2, which the group does not have", 4, 2});
    check({"KEY names one twice",
           in_group("Key = 1, 0x1 Start Attribute Name=\"A\" ID=1 Type=Integer End Attribute"),
           "KEY names the attribute 1 twice", 3, 10});
}

TEST_CASE("attributes and values that are not in order") {
    check({"no name", in_attribute("ID=1 Type=Integer"), "an attribute without NAME", 3, 1});
    check({"no ID", in_attribute("Name=\"A\" Type=Integer"), "an attribute without ID", 3, 1});
    check({"no type", in_attribute("Name=\"A\" ID=1"), "an attribute without TYPE", 3, 1});
    check({"one ID twice",
           in_group("Start Attribute Name=\"A\" ID=1 Type=Integer End Attribute\n"
                    " Start Attribute Name=\"B\" ID=1 Type=Integer End Attribute"),
           "the group has an attribute 1 already", 4, 2});
    check({"unknown type", with_value("Float", "1"), types + std::string("\"Float\""), 5, 8});
    check({"half a type", with_value("Display", "1"), types + std::string("\"Display\""), 5, 8});
    check({"type is a number", with_value("5", "1"), "expected the name of a type, found \"5\"", 5, 8});
    check({"unknown enumeration", with_value("\"Colours\"", "1"),
           "no enumeration before this is called the text \"Colours\"", 5, 8});
    check(
        {"another block as a type", with_value("Start Group", "1"), "expected ENUM, found \"Group\"", 5, 14});
    check({"no length", with_value("String()", "\"a\""), "expected a length, found \")\"", 5, 15});
    check({"length without end", with_value("String(5", "\"a\""), "expected \")\", found \"Value\"", 6, 1});
    check({"no value", with_value("Integer", ""),
           "expected a number, a text in quotes or UNSUPPORTED, found \"End\"", 7, 1});
    check({"another word", with_value("Integer", "many"),
           "expected a number, a text in quotes or UNSUPPORTED, found \"many\"", 6, 9});
    check({"a program without name", with_value("Integer", "* 5"), "expected a text in quotes, found \"5\"",
           6, 11});
    check({"a text for a number", with_value("Integer", "\"5\""), "expected a number, found the text \"5\"",
           6, 9});
    check({"a number for a text", with_value("String(5)", "5"), "expected a text in quotes, found \"5\"", 6,
           9});
    check({"a number for a date", with_value("Date", "19990101"),
           "expected a text in quotes, found \"19990101\"", 6, 9});
    check({"too large", with_value("Integer", "2147483648"),
           "2147483648 is not from -2147483648 to 2147483647, as Integer takes", 6, 9});
    check({"too small", with_value("Integer", "-2147483649"),
           "-2147483649 is not from -2147483648 to 2147483647, as Integer takes", 6, 9});
    check({"below zero", with_value("Gauge", "-1"), "-1 is not from 0 to 4294967295, as Gauge takes", 6, 9});
    check({"larger than any", with_value("Counter64", "18446744073709551616"),
           "\"18446744073709551616\" is no number", 6, 9});
    check({"no octal", with_value("Integer", "08"), "\"08\" is no number", 6, 9});
    check({"no hexadecimal", with_value("Integer", "0xG"), "\"0xG\" is no number", 6, 9});
    check({"longer than its type", with_value("String(2)", "\"a\" \"bc\""),
           "the value is 3 long, and String(2) takes 2", 6, 9});
    check({"more octets than its type", with_value("OctetString(1)", "\"\\0\\1\""),
           "the value is 2 long, and OctetString(1) takes 1", 6, 9});
    check({"not in its enumeration", with_value("Start Enum 1=\"Red\" End Enum", "\"Blue\""),
           "the text \"Blue\" is not in the enumeration", 6, 9});
    check({"no number of an enumeration", with_value("Start Enum 1=\"Red\" End Enum", "09"),
           "\"09\" is no number", 6, 9});
    check({"an item without text", with_value("Start Enum 1=Red End Enum", "1"),
           "expected a text in quotes, found \"Red\"", 5, 21});
    check({"an item that is no number", with_value("Start Enum 1x=\"Red\" End Enum", "1"),
           "expected a number, found \"1x\"", 5, 19});
    check({"a block in an enumeration", with_value("Start Enum Start Enum", "1"),
           "expected NAME, TYPE, a number with its text or END ENUM, found \"Enum\"", 5, 25});
}

TEST_CASE("tables that are not in order") {
    check({"no class", in_component("Start Table Name=\"T\"\n {1} End Table"),
           "a row before the CLASS of its table", 3, 2});
    check({"unknown class", in_component("Start Table Class=\"V|H|1\" End Table"),
           "no group before this has the CLASS \"V|H|1\"", 2, 19});
    check({"a word in a row", with_row("{1,none}"),
           "expected a number, a text in quotes or UNSUPPORTED, found \"none\"", 4, 4});
    check({"another type", with_row("{1,2}"), "expected a text in quotes, found \"2\"", 4, 4});
    check({"a value too many", with_row("{1,\"a\",3}"), "expected \"}\" after 2 values, found \"3\"", 4, 8});
    check({"no comma", with_row("{1 \"a\"}"), "expected \"}\", found the text \"a\"", 4, 4});
    check({"no end of a row", with_row("{1,\"a\""), "expected \"}\", found \"End\"", 5, 1});
    check({"no braces", with_row("1,\"a\""),
           "expected NAME, ID, CLASS, DESCRIPTION, a row in braces or END TABLE, found \"1\"", 4, 1});
    check({"too long in the second row", with_row("{1,\"abc\"}\n{2,\"abcd\"}"),
           "the value is 4 long, and String(3) takes 3", 5, 4});
}

TEST_CASE("limits") {
    mif::Limits const limits{.groups = 2, .attributes = 2, .instances = 3, .name = 5, .value = 7};
    std::string const group = "Start Group Name=\"G\" End Group\n";
    check({"groups", in_component(group + group + group), "more than 2 groups", 4, 1, Code::limit_exceeded},
          limits);
    auto const attribute = [](int id) {
        return fmt::format("Start Attribute Name=\"A\" ID={} Type=Integer End Attribute\n", id);
    };
    check({"attributes", in_group(attribute(1) + attribute(2) + attribute(3)),
           "more than 2 attributes in a group", 5, 1, Code::limit_exceeded},
          limits);
    check({"instances", with_row("{1}{2}{3}{4}"), "more than 3 instances", 4, 10, Code::limit_exceeded},
          limits);
    check({"a name", in_component("Name=\"abcdef\""), "the text is longer than 5 characters", 2, 6}, limits);
    CHECK(mif::parse(in_component("Name=\"\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\""), limits));
    check({"a description", in_component("Description=\"abcd\" \"efgh\""),
           "the text is longer than 7 characters", 2, 13},
          limits);
    check({"a value", with_value("String", "\"abcdefgh\""), "the value is longer than 7 characters", 6, 9},
          limits);
    CHECK(mif::parse(with_value("String", "\"abcdefg\""), limits));

    std::string const longest(65'536, 'x');
    CHECK(mif::parse(with_value("String", '"' + longest + '"')));
    check({"a value, as configured", with_value("String", '"' + longest + "x\""),
           "the value is longer than 65536 characters", 6, 9});
}

TEST_CASE("rows may not repeat their template without end") {
    std::string rows;
    for (int i = 0; i < 40'000; ++i) rows += "{}";
    auto const text = in_component("Start Group Name=\"G\" Class=\"V|G|1\" Start Attribute Name=\"A\" ID=1 "
                                   "Type=String Value=\"" +
                                   std::string(10'000, 'x') +
                                   "\" End Attribute End Group\n"
                                   "Start Table Class=\"V|G|1\"\n" +
                                   rows + "\nEnd Table");
    auto const component = mif::parse(text);
    REQUIRE_FALSE(component);
    CHECK(component.error().code == Code::limit_exceeded);
    CHECK(component.error().message == "the instances up to this take too many bytes for so short a text");
    CHECK(component.error().line == 4);
    // A million and sixteen for each byte of the text, 10,007 a row.
    CHECK(component.error().column == 2 * ((1'000'000 + 16 * text.size()) / 10'007) + 1);

    mif::Limits limits;
    limits.instance_bytes = 10;
    check({"bytes of all instances", with_row("{1,\"a\"}"),
           "the instances up to this take too many bytes for so short a text", 4, 1, Code::limit_exceeded},
          limits);
}

TEST_CASE("the samples are what their folders say") {
    struct Row {
        std::string file;
        std::string message; ///< "" = valid
        std::uint32_t line;
        std::uint32_t column;
    };
    auto const row = GENERATE(
        Row{"valid/component_id", "", 0, 0}, Row{"valid/widget_with_header", "", 0, 0},
        Row{"valid/table_of_cards", "", 0, 0},
        Row{"invalid/unterminated_text", "a text that does not end on its line", 3, 10},
        Row{"invalid/comments_alone", "expected START, found the end of the text", 3, 1},
        Row{"invalid/no_end", "expected END GROUP of line 3, found the end of the text", 5, 1},
        Row{"invalid/table_without_template", "no group before this has the CLASS \"A|B|1\"", 4, 13},
        Row{"invalid/key_of_no_attribute", "KEY names the attribute 2, which the group does not have", 5, 11},
        Row{"invalid/text_for_number", "expected a number, found the text \"five\"", 9, 15});
    CAPTURE(row.file);
    auto const text = mif::text_of(test::read_bytes(test::test_data("mif/" + row.file + ".mif")));
    REQUIRE(text);
    if (row.message.empty()) {
        CHECK(mif::parse(*text));
    } else {
        check({row.file, *text, row.message, row.line, row.column});
    }
}
