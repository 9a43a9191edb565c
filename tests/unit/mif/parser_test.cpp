// SPDX-License-Identifier: Apache-2.0
// What MIF texts say, by the grammar of the DMTF's Management Information Format 2.0.
#include "endpoints/mif/mif.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <chrono>

using namespace pointman;

namespace {

/// Each instance a line: `CLASS or NAME[keys] attribute=value; attribute=value`
std::string shown(mif::Component const& component) {
    std::string text;
    for (auto const& group : component.groups) {
        for (auto const& instance : group.instances) {
            text += group.class_text.empty() ? group.name : group.class_text;
            text += '[';
            for (auto const key : group.keys) text += group.attributes.at(key).name + ' ';
            text += ']';
            for (auto const& value : instance.values)
                text += fmt::format(" {}={};", group.attributes.at(value.attribute).name, value.text);
            text += '\n';
        }
    }
    return text;
}

std::string shown(Result<mif::Component> const& component) {
    return component ? shown(*component) : describe(component.error());
}

std::string in_component(std::string const& inside) {
    return "Start Component\nName = \"Pump\"\n" + inside + "\nEnd Component\n";
}

std::string in_group(std::string const& inside) {
    return in_component("Start Group\nName = \"G\"\nID = 1\nClass = \"Acme|G|1.0\"\n" + inside +
                        "\nEnd Group");
}

/// A group of one attribute.
std::string with_value(std::string const& type, std::string const& value) {
    return in_group(fmt::format("Start Attribute\nName = \"A\"\nID = 1\nType = {}\nValue = {}\nEnd Attribute",
                                type, value));
}

std::string const two_columns =
    "Start Group Name=\"Row\" Class=\"Acme|Row|1\" Key=1\n"
    "Start Attribute Name=\"Slot\" ID=1 Type=Integer End Attribute\n"
    "Start Attribute Name=\"Card\" ID=2 Type=String(9) Value=\"none\" End Attribute\n"
    "End Group\n";

std::string with_rows(std::string const& rows) {
    return in_component(two_columns + "Start Table Name=\"Rows\" ID=2 Class=\"Acme|Row|1\"\n" + rows +
                        "\nEnd Table");
}

} // namespace

TEST_CASE("values by their types") {
    struct Row {
        std::string type;
        std::string value;
        std::string expected; ///< "" = the attribute has none
    };
    auto const row = GENERATE(
        Row{"Integer", "42", "42"}, Row{"Integer", "-2147483648", "-2147483648"}, Row{"Integer", "+7", "7"},
        Row{"Integer", "0", "0"}, Row{"Integer", "-0", "0"}, Row{"Integer", "0x1F", "31"},
        Row{"Integer", "0X1f", "31"}, Row{"Integer", "017", "15"}, Row{"int", "1", "1"},
        Row{"INTEGER", "1", "1"}, Row{"Integer64", "-9223372036854775808", "-9223372036854775808"},
        Row{"Int64", "9223372036854775807", "9223372036854775807"}, Row{"Gauge", "4294967295", "4294967295"},
        Row{"Counter", "0xFFFFFFFF", "4294967295"},
        Row{"Counter64", "18446744073709551615", "18446744073709551615"}, Row{"String(3)", "\"abc\"", "abc"},
        Row{"String", "\"abc\"", "abc"}, Row{"DisplayString(10)", "\"a\" \"b\"", "ab"},
        Row{"Display String(10)", "\"a\"\n  \"b\" // and\n \"c\"", "abc"},
        Row{"String(2)", "\"\xC3\xA4\xC3\xB6\"", "\xC3\xA4\xC3\xB6"}, // two characters
        Row{"Date", "\"19990330120000.000000+060\"", "19990330120000.000000+060"},
        Row{"OctetString(4)", "\"ab!~\"", "ab!~"},
        Row{"Octetstring(6)", R"("\x00\x1E\xC9:Q\322")", "001EC93A51D2"},
        Row{"Octet String(2)", R"("\0\377")", "00FF"}, Row{"Integer", "Unsupported", ""},
        Row{"String(5)", "UNSPECIFIED", ""}, Row{"String(5)", "* \"ask the program\"", ""},
        Row{"String(5)", "unknown", ""}, Row{"String(5)", "\"\"", " "});
    CAPTURE(row.type, row.value);
    auto const expected =
        row.expected.empty()
            ? std::string()
            : fmt::format("Acme|G|1.0[] A={};\n", row.expected == " " ? std::string() : row.expected);
    CHECK(shown(mif::parse(with_value(row.type, row.value))) == expected);
}

TEST_CASE("escapes in texts") {
    struct Row {
        std::string written;
        std::string expected;
    };
    auto const row = GENERATE(
        Row{R"(a\tb)", "a\tb"}, Row{R"(a\nb\r)", "a\nb\r"}, Row{R"(say \"hello\")", "say \"hello\""},
        Row{R"(C:\\Windows)", R"(C:\Windows)"}, Row{R"(C:\Program Files\Zip)", R"(C:\Program Files\Zip)"},
        Row{R"(\x41\X42\x4)", "AB\x04"}, Row{R"(\101\60\7)", "A0"}, Row{R"(\x4142)", "A42"},
        Row{R"(\1011)", "A1"}, Row{R"(\x80\344)", "\xE2\x82\xAC\xC3\xA4"}, Row{R"(\xZZ)", R"(\xZZ)"},
        Row{R"(\777)", R"(\777)"}, Row{R"(\\\\)", R"(\\)"}, Row{R"(// no comment)", "// no comment"},
        Row{R"(\'\?\a)", "'?"}, Row{"a\tb", "a\tb"}, Row{"a\x01\x02z", "az"});
    CAPTURE(row.written);
    auto expected = row.expected;
    std::erase(expected, '\x04'); // control characters but those that lay out text are left out
    CHECK(shown(mif::parse(with_value("String", "\"" + row.written + "\""))) ==
          fmt::format("Acme|G|1.0[] A={};\n", expected));
}

TEST_CASE("components, groups, tables and enumerations") {
    struct Row {
        std::string name;
        std::string text;
        std::string expected;
    };
    auto const attribute = [](std::string const& inside) {
        return "Start Attribute Name=\"A\" ID=7 " + inside + " End Attribute ";
    };
    std::string const colours =
        "Start Enum Name=\"Colours\" Type=Integer 0=\"None\" 0x01=\"Red\" 2 = \"Gr\" \"een\" End Enum ";
    auto const row = GENERATE_COPY(
        Row{"nothing", in_component(""), ""},
        Row{"a group without values", in_group(attribute("Type=Integer")), ""},
        Row{"a group without CLASS",
            in_component("Start Group Name=\"Plain name\" " + attribute("Type=Integer Value=1") +
                         "End Group"),
            "Plain name[] A=1;\n"},
        Row{"statements in another order",
            in_component("Start Group " +
                         attribute("Value=1 Access=Read-Only Storage=Common Type=Integer "
                                   "Description=\"d\"") +
                         "Key=7 Class=\"X|Y|1\" ID=3 Name=\"N\" End Group Description=\"last\""),
            "X|Y|1[A ] A=1;\n"},
        Row{"words in any case",
            "START COMPONENT NAME=\"c\" start GROUP name=\"g\" StArT aTTribute NAME=\"A\" iD=1 TYPE=integer "
            "VALUE=5 END attribute eND group end COMPONENT",
            "g[] A=5;\n"},
        Row{"comments everywhere",
            "//Architecture<Widget>\n//UniqueId<7>\nLanguage = \"en|US|iso8859-1\" // x\nStart // a\n "
            "Component // b\n"
            "Name // c\n = // d\n \"x\" // e\nEnd Component // end",
            ""},
        Row{"paths",
            in_component("Start Path Name=\"P\" Win32=\"c:\\\\p.dll\" DOS = direct-interface End Path"), ""},
        Row{"several keys, in their own order",
            in_group("Key = 2, 1 Start Attribute Name=\"A\" ID=1 Type=Integer Value=1 End Attribute "
                     "Start Attribute Name=\"B\" ID=2 Type=Integer Value=2 End Attribute"),
            "Acme|G|1.0[B A ] A=1; B=2;\n"},
        Row{"access in two words", in_group(attribute("Access = Read Only Type=Integer Value=1")),
            "Acme|G|1.0[] A=1;\n"},
        Row{"pragma", in_group("Pragma = \"SNMP:1.2\" " + attribute("Type=Integer Value=1")),
            "Acme|G|1.0[] A=1;\n"},
        Row{"an enumeration by its name, the value by number",
            in_component(colours + "Start Group Name=\"G\" " + attribute("Type=\"colours\" Value=1") +
                         "End Group"),
            "G[] A=Red;\n"},
        Row{"the value by its text",
            in_component(colours + "Start Group Name=\"G\" " + attribute("Type=\"Colours\" Value=\"green\"") +
                         "End Group"),
            "G[] A=Green;\n"},
        Row{"a number that the enumeration does not have",
            in_component(colours + "Start Group Name=\"G\" " + attribute("Type=\"Colours\" Value=9") +
                         "End Group"),
            "G[] A=9;\n"},
        Row{"an enumeration inside", in_group(attribute("Type = " + colours + " Value = 0")),
            "Acme|G|1.0[] A=None;\n"},
        Row{"rows", with_rows("{1,\"disk\"} {2, \"net\"}"),
            "Acme|Row|1[Slot ] Slot=1; Card=disk;\nAcme|Row|1[Slot ] Slot=2; Card=net;\n"},
        Row{"what a row leaves out is the template's", with_rows("{1}{2,}{,\"net\"}{}"),
            "Acme|Row|1[Slot ] Slot=1; Card=none;\nAcme|Row|1[Slot ] Slot=2; Card=none;\n"
            "Acme|Row|1[Slot ] Card=net;\nAcme|Row|1[Slot ] Card=none;\n"},
        Row{"a row may have nothing in place of it", with_rows("{1,Unsupported}"),
            "Acme|Row|1[Slot ] Slot=1;\n"},
        Row{"a row that says nothing is no instance",
            in_component("Start Group Class=\"R\" " + attribute("Type=Integer") +
                         "End Group Start Table Class=\"R\" {} {Unsupported} {5} End Table"),
            "R[] A=5;\n"},
        Row{"a template without rows is no instance", with_rows(""), ""},
        Row{"a template without a table is one", in_component(two_columns), "Acme|Row|1[Slot ] Card=none;\n"},
        Row{"two tables of one template, the class in another case",
            in_component(two_columns + "Start Table Class=\"Acme|Row|1\" {1} End Table "
                                       "Start Table Class=\"ACME|ROW|1\" {2} End Table"),
            "Acme|Row|1[Slot ] Slot=1; Card=none;\nAcme|Row|1[Slot ] Slot=2; Card=none;\n"});
    CAPTURE(row.name);
    CHECK(shown(mif::parse(row.text)) == row.expected);
}

TEST_CASE("instances and classes know where they stand") {
    auto const component = mif::parse("Start Component\r\n"
                                      "  Start Group Name=\"\xC3\xA4\" Class=\"X|Y|1\"\r"
                                      "Start Attribute Name=\"A\" ID=1 Type=Integer End Attribute\n"
                                      "End Group\n\n"
                                      "Start Table Class=\"X|Y|1\" /* */ {1}\n"
                                      "End Table End Component");
    REQUIRE_FALSE(component); // no comment of this language
    auto const again =
        mif::parse("Start Component\r\n"
                   "  Start Group Name=\"\xC3\xA4\" Class=\"X|Y|1\"\r"
                   "Start Attribute Name=\"A\" ID=1 Type=Integer Value=3 End Attribute\n"
                   "End Group\n\n"
                   "Start Group Name=\"Z\" Start Attribute Name=\"A\" ID=1 Type=Integer Value=3 "
                   "End Attribute End Group\n"
                   "Start Table Class=\"X|Y|1\" {1} {\n2}\n"
                   "End Table End Component");
    REQUIRE(again);
    CHECK(again->name == "");
    auto const& rows = again->groups.at(0);
    CHECK(rows.class_place.line == 2);
    CHECK(rows.class_place.column == 30);
    CHECK(rows.instances.at(0).place.line == 7);
    CHECK(rows.instances.at(0).place.column == 27);
    CHECK(rows.instances.at(1).place.line == 7);
    CHECK(rows.instances.at(1).place.column == 31);
    auto const& whole = again->groups.at(1);
    CHECK(whole.class_place.line == 6);
    CHECK(whole.class_place.column == 18);
    CHECK(whole.instances.at(0).place.line == 6);
    CHECK(whole.instances.at(0).place.column == 1);
}

TEST_CASE("much of anything takes no longer than its length asks for") {
    struct Row {
        std::string name;
        std::string text;
        std::size_t instances;
    };
    auto const many = [](std::string const& text, std::size_t bytes) {
        std::string all;
        while (all.size() < bytes) all += text;
        return all;
    };
    constexpr std::size_t ten_megabytes = 10'000'000;
    std::string wide;
    for (int i = 0; i < 2'000; ++i)
        wide += fmt::format("Start Attribute Name=\"A\" ID={} Type=Integer End Attribute ", i);
    auto const row = GENERATE_COPY(
        Row{"comments", many("// nothing to see\n", ten_megabytes) + in_component(""), 0},
        Row{"one comment", "//" + std::string(ten_megabytes, '/') + "\n" + in_component(""), 0},
        Row{"blank lines", many("\r\n", ten_megabytes) + in_component(""), 0},
        Row{"rows in one line", with_rows(many("{1,\"a\"}", 350'000)), 50'000},
        Row{"short rows of a wide template",
            in_component("Start Group Class=\"Wide\" " + wide + "End Group Start Table Class=\"Wide\" " +
                         many("{1}", 150'000) + " End Table"),
            50'000},
        Row{"empty texts in a row", with_value("String", many("\"\"", 1'000'000)), 1},
        Row{"enumerations", in_component(many("Start Enum Name=\"E\" 1=\"a\" End Enum ", 1'000'000)), 0});
    CAPTURE(row.name);
    auto const start = std::chrono::steady_clock::now();
    auto const component = mif::parse(row.text);
    auto const took = std::chrono::steady_clock::now() - start;
    INFO(shown(component).substr(0, 200));
    REQUIRE(component);
    std::size_t instances = 0;
    for (auto const& group : component->groups) instances += group.instances.size();
    CHECK(instances == row.instances);
    CHECK(took < std::chrono::seconds(10)); // with a sanitizer and a busy machine; quadratic would take hours
}
