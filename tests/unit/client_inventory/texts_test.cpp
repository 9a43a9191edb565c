// SPDX-License-Identifier: Apache-2.0
#include "client/inventory/texts.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <string_view>
#include <vector>

using namespace pointman::client::inventory;
using namespace std::literals;

namespace {

std::string text_of(Assignments const& assignments) {
    std::string text;
    for (auto const& [name, value] : assignments) text += fmt::format("{}=<{}>", name, value);
    return text;
}

} // namespace

TEST_CASE("blocks of fields") {
    struct Case {
        std::string_view what, text;
        std::vector<std::string_view> values; ///< of `a` in each block
    };
    auto const row = GENERATE(
        Case{"nothing", "", {}}, Case{"blank lines alone", "\n \n\t\n", {}}, Case{"one", "a: 1\n", {"1"}},
        Case{"no line end", "a: 1", {"1"}}, Case{"two", "a: 1\n\na: 2\n", {"1", "2"}},
        Case{"as /proc/cpuinfo has it", "a\t\t: x y \n\nb : 1\na:3\n", {"x y", "3"}},
        Case{"carriage returns", "a: 1\r\n\r\na: 2\r\n", {"1", "2"}},
        Case{"a value that goes on", "a: 1\n a: 2\n .\n\ta: 3\n", {"1"}},
        Case{"of several the first", "a: 1\na: 2\n", {"1"}},
        Case{"a value with a colon", "a: b:c\n", {"b:c"}}, Case{"no value", "a:\n", {""}},
        Case{"no name", ": 1\nb: 2\n", {""}}, Case{"no field", "nonsense\nb: 1\n", {""}},
        Case{"nonsense alone", "nonsense\n", {}}, Case{"another name", "aa: 1\n", {""}},
        Case{"NUL", "a: 1\0\n"sv, {"1"}});
    INFO(row.what);
    std::vector<std::string_view> values;
    for (auto const& block : paragraphs_of(row.text)) values.push_back(block["a"]);
    CHECK(values == row.values);
}

TEST_CASE("kilobytes") {
    auto const row = GENERATE(
        table<std::string_view, std::optional<std::uint64_t>>({{"a: 24683584 kB", 24683584},
                                                               {"a:0 kB", 0},
                                                               {"a: 18446744073709551615 kB", UINT64_MAX},
                                                               {"a: 18446744073709551616 kB", std::nullopt},
                                                               {"a: 5", std::nullopt},
                                                               {"a: 5 MB", std::nullopt},
                                                               {"a: -5 kB", std::nullopt},
                                                               {"a: x kB", std::nullopt},
                                                               {"a: 5 kB kB", std::nullopt},
                                                               {"a:", std::nullopt},
                                                               {"b: 5 kB", std::nullopt}}));
    auto const& [text, expected] = row;
    INFO(text);
    CHECK(paragraphs_of(text).front().kilobytes("a") == expected);
}

TEST_CASE("assignments of os-release") {
    auto const row = GENERATE(table<std::string_view, std::string>({
        {"", ""},
        {"A=1\nB=two\n", "A=<1>B=<two>"},
        {"A=\"a b\"", "A=<a b>"},
        {"A='a \"b\" \\'", "A=<a \"b\" \\>"},
        {R"(A="a \"b\" \$c")", "A=<a \"b\" $c>"},
        {"A=\"open", "A=<open>"},
        {"A=\\", "A=<\\>"},
        {"# A=1\n;B=2\n\nC=3", "C=<3>"},
        {"A=1\nA=2", "A=<2>"},
        {"A=", "A=<>"},
        {"=1", ""},
        {"nothing", ""},
        {" A = 1 ", "A=<1>"},
        {"A=b=c", "A=<b=c>"},
    }));
    auto const& [text, expected] = row;
    INFO(text);
    CHECK(text_of(assignments_of(text)) == expected);
}

TEST_CASE("files of systemd") {
    auto const row = GENERATE(table<std::string_view, std::string>({
        {"", ""},
        {"[Unit]\nDescription=A b\n[Service]\nUser=c", "Service.User=<c>Unit.Description=<A b>"},
        {"Description=outside\n[Unit]\n", ""},
        {"[Service]\nExecStart=/bin/a \\\n  -b \\\n# no\n  -c\nUser=d",
         "Service.ExecStart=</bin/a -b -c>Service.User=<d>"},
        {"[Service]\nExecStart=/bin/a \\", "Service.ExecStart=</bin/a>"},
        {"[Service]\nExecStart=a\nExecStart=\nExecStart=b\nExecStart=c", "Service.ExecStart=<b>"},
        {"[Unit]\n# Description=a\n;Description=b\n", ""},
        {"[Unit\nDescription=a", ""},
        {"[]\nA=b", ""},
        {"[Unit]\nno assignment\n", ""},
    }));
    auto const& [text, expected] = row;
    INFO(text);
    CHECK(text_of(unit_settings_of(text)) == expected);
}

TEST_CASE("mounts") {
    auto const row = GENERATE(table<std::string_view, std::string>({
        {"", ""},
        {"/dev/vda / ext4 rw 0 0\n", "/dev/vda,/,ext4;"},
        {"/dev/sdb1 /a\\040b\\134c xfs rw 0 0", "/dev/sdb1,/a b\\c,xfs;"},
        {"/dev/sdb1 /a\\04 xfs rw", "/dev/sdb1,/a\\04,xfs;"},
        {"/dev/sdb1 /a\\999 xfs rw", "/dev/sdb1,/a\\999,xfs;"},
        {"/dev/sdb1 /a\\ xfs rw", "/dev/sdb1,/a\\,xfs;"},
        {"none relative tmpfs rw 0 0", ""},
        {"/dev/vda /\nshort\n", ""},
    }));
    auto const& [text, expected] = row;
    INFO(text);
    std::string mounts;
    for (auto const& each : mounts_of(text))
        mounts += fmt::format("{},{},{};", each.device, each.point, each.type);
    CHECK(mounts == expected);
}

TEST_CASE("default gateways") {
    constexpr auto head = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\n";
    auto const row = GENERATE(table<std::string_view, std::string>({
        {"", ""},
        {"eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n", "eth0 192.0.2.1;"},
        {"eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\n", ""}, // the subnet itself
        {"eth0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\n", ""}, // without a gateway
        {"eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000080\t0\n", ""}, // half of everything
        {"eth0\tx\t010200C0\t0003\t0\t0\t0\t00000000\t0\n", ""},
        {"eth0\t00000000\t1010200C0\t0003\t0\t0\t0\t00000000\t0\n", ""}, // no address
        {"eth0\t00000000\t010200C0\n", ""},
    }));
    auto const& [text, expected] = row;
    INFO(text);
    std::string gateways;
    for (auto const& [name, address] : gateways_of(head + std::string(text)))
        gateways += fmt::format("{} {};", name, address);
    CHECK(gateways == expected);
}

TEST_CASE("resolv.conf") {
    auto const row = GENERATE(table<std::string_view, std::string>({
        {"", "[]"},
        {"nameserver 192.0.2.1\nnameserver\t2001:db8::1 # first\n", "[192.0.2.1 2001:db8::1]"},
        {"search a.example b.example\n", "a.example[]"},
        {"domain a.example\nsearch b.example", "b.example[]"},
        {"search .\n", "[]"},
        {"#nameserver 192.0.2.1\nnameserver\nsearch\n", "[]"},
    }));
    auto const& [text, expected] = row;
    INFO(text);
    auto const resolver = resolver_of(text);
    CHECK(fmt::format("{}[{}]", resolver.domain, fmt::join(resolver.servers, " ")) == expected);
}

TEST_CASE("the full name in /etc/hosts") {
    auto const row = GENERATE(table<std::string_view, std::string>({
        {"", ""},
        {"127.0.1.1 pc.lab.example pc\n", "pc.lab.example"},
        {"127.0.1.1 pc pc.lab.example\n", "pc.lab.example"},
        {"127.0.1.1 pc.lab.example\n", ""}, // an entry of another name
        {"127.0.1.1 pc2.lab.example pc\n", ""},
        {"127.0.1.1 pc. pc\n", ""},
        {"# 127.0.1.1 pc.lab.example pc\n", ""},
        {"127.0.1.1 pc # pc.lab.example\n", ""},
        {"127.0.0.1 pc\n127.0.1.1 pc pc.b.example\n", "pc.b.example"},
    }));
    auto const& [text, expected] = row;
    INFO(text);
    CHECK(full_name_of(text, "pc") == expected);
}

TEST_CASE("the rule of a compiled time zone") {
    auto const row = GENERATE(table<std::string_view, std::string>({
        {"UTC0", "UTC  0"},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "CET CEST 60"},
        {"EST5EDT,M3.2.0,M11.1.0", "EST EDT -300"},
        {"<+0330>-3:30", "+0330  210"},
        {"<-03>3", "-03  -180"},
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "+1030 +11 630"},
        {"ABC+167", "ABC  -10020"},
        {"ABC168", "none"},
        {"ABC-1:60", "none"},
        {"CET", "none"},
        {"<+03-3", "none"},
        {"-3", "none"},
        {"", "none"},
    }));
    auto const& [rule, expected] = row;
    INFO(rule);
    auto const zone = zone_of(fmt::format("TZif2 numbers\n{}\n", rule));
    CHECK((zone ? fmt::format("{} {} {}", zone->standard, zone->daylight, zone->bias) : "none") == expected);
    CHECK_FALSE(zone_of(fmt::format("TZif2{}\n", rule)));   // no rule of its own
    CHECK_FALSE(zone_of(fmt::format("TZif2\n{}", rule)));   // cut off
    CHECK_FALSE(zone_of(fmt::format("other\n{}\n", rule))); // no compiled zone
    CHECK_FALSE(zone_of(""));
}

TEST_CASE("memory modules of the firmware") {
    // SMBIOS 3, 7.18: type, length, handle, ...; size at 0C, form factor at 0E, texts at 10 and 11, type at
    // 12, speed at 15, size in megabytes at 1C.
    auto const structure = [](std::string_view size, std::string_view large, std::string_view texts) {
        auto bytes = "\x11\x20\0\0\0\0\0\0\0\0\0\0"s;
        bytes += size;
        bytes += "\x09\0\x01\x02\x1A\0\0\x6A\x0A\0\0\0\0\0"sv;
        bytes += large;
        return bytes + std::string(texts);
    };
    auto const text = [](std::string_view bytes) {
        auto const module = memory_module_of(bytes);
        if (!module) return "none"s;
        auto const number = [](auto const& value) { return value ? std::to_string(*value) : "-"s; };
        return fmt::format("{} {} {} {} <{}> <{}>", module->capacity, number(module->form_factor),
                           number(module->type), number(module->speed), module->locator, module->bank);
    };
    constexpr auto none = "\0\0\0\0"sv;
    CHECK(text(structure("\x00\x20"sv, none, "A1\0B0\0\0"sv)) == "8589934592 8 26 2666 <A1> <B0>");
    CHECK(text(structure("\x00\x82"sv, none, "A1\0\0"sv)) == "524288 8 26 2666 <A1> <>"); // kilobytes
    CHECK(text(structure("\xFF\x7F"sv, "\0\0\1\0"sv, "\0\0"sv)) ==
          "68719476736 8 26 2666 <> <>");                                        // the large field
    CHECK(text(structure("\xFF\xFF"sv, none, "A1"sv)) == "0 8 26 2666 <A1> <>"); // unknown, cut off
    CHECK(text(structure("\0\0"sv, none, "")) == "0 8 26 2666 <> <>");           // no module
    CHECK(text("\x11\x04\0\0"sv) == "0 - - - <> <>");
    CHECK(text("\x11\xFF\0\0"sv) == "0 - - - <> <>"); // longer than it is
    CHECK(text("\x11"sv) == "none");
    CHECK(text("\x04\x06\0\0\0\0"sv) == "none");
    CHECK(text("") == "none");
}

TEST_CASE("names of devices") {
    constexpr auto ids = "# comment\n8086  Maker\n\t0001  First\n\t\t1028 0869  Board\n\t0002  Second\n"
                         "\n1af4  Other\n\t0001  Not that\n\t\n\nC 03  Display\n\t0003  Not a device\n";
    auto const names = [&ids](std::string_view maker, std::string_view device) {
        PciId const id{maker, device};
        auto const found = pci_names_of(ids, {id});
        return found.empty() ? "none"s : found.at(id).first + "/" + found.at(id).second;
    };
    CHECK(names("8086", "0001") == "Maker/First");
    CHECK(names("8086", "0002") == "Maker/Second");
    CHECK(names("1af4", "0001") == "Other/Not that");
    CHECK(names("8086", "0003") == "Maker/");
    CHECK(names("ffff", "0001") == "none");
    CHECK(pci_names_of("", {{"8086", "0001"}}).empty());
}

TEST_CASE("a person without the address") {
    CHECK(without_address("Jane Doe <jane@example.org>") == "Jane Doe");
    CHECK(without_address("Jane Doe") == "Jane Doe");
    CHECK(without_address("<jane@example.org>").empty());
    CHECK(without_address("").empty());
}
