// SPDX-License-Identifier: Apache-2.0
// The pages under /SMS_MP/.sms_aut: their shapes as clients read them (wire.md 9), and which query gets
// which.
#include "base/hex.hpp"
#include "schemas/document.hpp"
#include "server/site/look_ups.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>

using namespace pointman;
using namespace pointman::site;

namespace {

http::Response answer(site::LookUps const& look_ups, std::string_view query,
                      std::string_view if_none_match = {}) {
    http::Request request;
    request.method = "GET";
    request.query = query;
    if (!if_none_match.empty()) request.headers = {{"if-none-match", std::string(if_none_match)}};
    return look_ups.answer(request);
}

using Outline = std::vector<std::string>;

SiteFacts facts(config::SiteMode mode = config::SiteMode::mixed, std::string host = "mp1.plant.example") {
    SiteKeys keys{.root = from_hex("30CA").value(),
                  .site_signing = from_hex("3055").value(),
                  .mp_signing = from_hex("3051").value(),
                  .mp_encryption = from_hex("30EC").value(),
                  .root_key = from_hex("0602").value(),
                  .root_key_signature = from_hex("AB01").value(),
                  .mp_signing_signature = from_hex("AB02").value()};
    return {.site_code = "Q7T",
            .host = std::move(host),
            .mode = mode,
            .keys = std::move(keys),
            .unknown_machines = {ClientId::parse("64646464-0000-4000-8000-00000000000a").value(),
                                 ClientId::parse("86868686-0000-4000-8000-00000000000b").value()}};
}

void describe_into(Outline& lines, schemas::Element const& element, std::string const& above) {
    auto const path = above + std::string(element.name());
    lines.push_back(path);
    for (auto const& attribute : element.attributes())
        lines.push_back(fmt::format("{}@{}={}", path, attribute.name, attribute.value));
    if (!element.text().empty()) lines.push_back(fmt::format("{}={}", path, element.text()));
    for (schemas::Element const child : element.children()) describe_into(lines, child, path + "/");
}

/// One line for each element, each attribute and each text, sorted.
Outline outline_of(http::Response const& response) {
    auto const document = schemas::parse(response.body);
    REQUIRE(document);
    Outline lines;
    describe_into(lines, document->root(), "");
    std::ranges::sort(lines);
    return lines;
}

Outline sorted(Outline lines) {
    std::ranges::sort(lines);
    return lines;
}

std::string header(http::Response const& response, std::string_view name) {
    auto const found = std::ranges::find(response.headers, name, &std::pair<std::string, std::string>::first);
    return found == response.headers.end() ? "" : found->second;
}

Outline mp_list(std::string const& ssl_state) {
    return {"MPList",
            "MPList/MP",
            "MPList/MP@Name=MP1",
            "MPList/MP@FQDN=mp1.plant.example",
            "MPList/MP@SiteCode=Q7T",
            "MPList/MP/Version",
            "MPList/MP/Version=6487",
            "MPList/MP/FQDN",
            "MPList/MP/FQDN=mp1.plant.example",
            "MPList/MP/Capabilities",
            "MPList/MP/Capabilities@SchemaVersion=1.0",
            "MPList/MP/Capabilities/Property",
            "MPList/MP/Capabilities/Property@Name=SSLState",
            "MPList/MP/Capabilities/Property@Value=" + ssl_state};
}

Outline const mp_certificates{"MPCertificates",
                              "MPCertificates/Certificate1",
                              "MPCertificates/Certificate1@Signature=AB02",
                              "MPCertificates/Certificate1=3051",
                              "MPCertificates/Certificate2",
                              "MPCertificates/Certificate2=30EC"};

Outline const key_information{
    "MPKEYINFORMATION",
    "MPKEYINFORMATION/MACHINENAME",
    "MPKEYINFORMATION/MACHINENAME=MP1",
    "MPKEYINFORMATION/FQDN",
    "MPKEYINFORMATION/FQDN=mp1.plant.example",
    "MPKEYINFORMATION/SITECODE",
    "MPKEYINFORMATION/SITECODE=Q7T",
    "MPKEYINFORMATION/AssignmentSiteCode",
    "MPKEYINFORMATION/AssignmentSiteCode=Q7T",
    "MPKEYINFORMATION/TRUSTEDROOTKEY",
    "MPKEYINFORMATION/TRUSTEDROOTKEY=0602",
    "MPKEYINFORMATION/MPCERTIFICATE",
    "MPKEYINFORMATION/MPCERTIFICATE@Signature=AB02",
    "MPKEYINFORMATION/MPCERTIFICATE=3051",
    "MPKEYINFORMATION/UnknownMachines",
    "MPKEYINFORMATION/UnknownMachines@x64UnknownMachineGUID=64646464-0000-4000-8000-00000000000A",
    "MPKEYINFORMATION/UnknownMachines@x86UnknownMachineGUID=86868686-0000-4000-8000-00000000000B"};

Outline x509_data(std::string const& certificate) {
    return {"X509Data", "X509Data/X509Certificate", "X509Data/X509Certificate@EncodingType=hexBinary",
            "X509Data/X509Certificate=" + certificate};
}

Outline const mp_location{"MPLocation",
                          "MPLocation@MP=mp1.plant.example",
                          "MPLocation@SiteCode=Q7T",
                          "MPLocation@AssignedSiteCode=Q7T",
                          "MPLocation@x64UnknownMachineGUID=64646464-0000-4000-8000-00000000000A",
                          "MPLocation@x86UnknownMachineGUID=86868686-0000-4000-8000-00000000000B",
                          "MPLocation@MPCertificatesEx=3051"};

Outline const no_location{"MPLocation",
                          "MPLocation@MP=",
                          "MPLocation@SiteCode=",
                          "MPLocation@AssignedSiteCode=",
                          "MPLocation@x64UnknownMachineGUID=",
                          "MPLocation@x86UnknownMachineGUID=",
                          "MPLocation@MPCertificatesEx="};

Outline const no_list{"MPList"};
Outline const nobody{"MachineAffinity"};
Outline const not_found{}; ///< 404

struct Row {
    std::string query;
    Outline expected;
};

void check(LookUps const& look_ups, Row const& row) {
    INFO(row.query.substr(0, 100));
    auto const response = answer(look_ups, row.query);
    CHECK(response.status == (row.expected.empty() ? 404U : 200U));
    if (row.expected.empty()) {
        CHECK(response.body.empty());
        CHECK(response.headers.empty());
        return;
    }
    CHECK(outline_of(response) == sorted(row.expected));
    CHECK(header(response, "Content-Type") == "text/xml");
    CHECK(response.body.front() == std::byte{'<'});
    CHECK(std::ranges::all_of(as_chars(response.body), [](char c) { return c >= ' ' && c <= '~'; }));
}

} // namespace

TEST_CASE("every look-up has the shape that clients read") {
    LookUps const mixed(facts());
    for (auto const& row : std::vector<Row>{
             {"MPLIST", mp_list("0")},
             {"MPLIST1", mp_list("0")},
             {"MPLIST2", not_found},
             {"MPCERT", {"MPCertificate", "MPCertificate/Certificate", "MPCertificate/Certificate=3051"}},
             {"MPCERT1", mp_certificates},
             {"MPCERT2", mp_certificates},
             {"MPKEYINFORMATION", key_information},
             {"MPKEYINFORMATIONEX", key_information},
             {"MPKEYINFORMATIONMEDIA", key_information},
             {"MPTRK",
              {"KEYDATA", "KEYDATA/TRUSTEDROOTKEY", "KEYDATA/TRUSTEDROOTKEY@Signature=AB01",
               "KEYDATA/TRUSTEDROOTKEY=0602"}},
             {"SITESIGNCERT", x509_data("3055")},
             {"SMSTRC", x509_data("30CA")},
             {"MPLOCATION&ip=10.77.4.0", mp_location},
             {"GETCLIENTAFFINITY&GUID:935B7780-91E6-4E7D-A008-D7A0A3B13D74", nobody}})
        check(mixed, row);

    LookUps const native(facts(config::SiteMode::native));
    for (auto const* const verb : {"MPLIST", "MPLIST1", "MPLIST2"}) check(native, {verb, mp_list("63")});
    check(native, {"MPLIST2&Q7T", mp_list("63")});
    check(native, {"MPLIST2&PS1", no_list});
    check(native, {"MPCERT2", mp_certificates});
}

TEST_CASE("each query has its exact outcome") {
    LookUps const look_ups(facts());
    auto const list = mp_list("0");
    std::string const long_text(10'000, 'A');
    std::string many;
    for (int i = 0; i < 20; ++i) many += "&x=y";
    std::vector<Row> const rows{
        // verbs
        {"mplist", list},
        {"mPlIsT1", list},
        {"sitesigncert", x509_data("3055")},
        {"", not_found},
        {"&", not_found},
        {"=", not_found},
        {"=MPLIST", not_found},
        {"MPLIST3", not_found},
        {"MPLIS", not_found},
        {"MPLIST ", not_found},
        {"MP LIST", not_found},
        {" MPLIST", not_found},
        {"XMPLIST", not_found},
        {"MPLIST/", not_found},
        {"MPLIST?MPLIST", not_found},
        {"MPLIST;Q7T", not_found},
        {"../MPLIST", not_found},
        {"MPLIST#", not_found},
        {long_text, not_found},
        {std::string(10'000, '&'), not_found},
        {std::string(10'000, '%'), not_found},
        {"\xC3\xBCmplist", not_found},
        // percent-encoding
        {"%4DPLIST", list},
        {"%4d%50LIST", list},
        {"MPLIST%26Q7T", not_found}, // separators are found before decoding
        {"MPLIST%3DQ7T", list},      // but for this, which stands inside a part
        {"MPLIST%00", not_found},
        {"MPLIST%0d%0aX: y", not_found},
        {"MPLIST%", not_found},
        {"MPLIST%4", not_found},
        {"MPLIST%zz", not_found},
        {"%-4DPLIST", not_found},
        {"% 4DPLIST", not_found},
        {"%4 PLIST", not_found},
        {"%2e%2e%2fMPLIST", not_found},
        // site codes
        {"MPLIST&Q7T", list},
        {"MPLIST1&q7t", list},
        {"MPLIST=Q7T", list},
        {"MPLIST=", list},
        {"MPLIST&", list},
        {"&MPLIST", list},
        {"&&MPLIST&&&Q7T&&", list},
        {"MPLIST&%51%37%54", list},
        {"MPLIST&Q7T&PS1", list},
        {"MPLIST&PS1", no_list},
        {"MPLIST1&PS1", no_list},
        {"MPLIST=PS1", no_list},
        {"MPLIST&PS1&Q7T", no_list},
        {"MPLIST&Q7", no_list},
        {"MPLIST&Q7TT", no_list},
        {"MPLIST& Q7T", no_list},
        {"MPLIST&%00", no_list},
        {"MPLIST&%", no_list},
        {"MPLIST&<x>", no_list},
        {"MPLIST&" + long_text, no_list},
        {"MPLIST2&Q7T", not_found}, // in mixed mode
        {"MPLIST2&PS1", not_found},
        // what a verb does not know
        {"MPCERT2&Q7T", mp_certificates},
        {"MPCERT2&PS1&" + long_text, mp_certificates},
        {"MPKEYINFORMATIONEX&a=b", key_information},
        // places
        {"MPLOCATION", no_location},
        {"MPLOCATION&ip=127.0.0.1", mp_location},
        {"MPLOCATION&ir=10.77.4.31", mp_location},
        {"mplocation&IR=192.168.0.100&IP=192.168.0.0", mp_location},
        {"MPLOCATION&ip=nowhere&ir=10.77.4.31", mp_location},
        {"MPLOCATION&x=y&ip=10.77.4.0", mp_location},
        {"MPLOCATION&ip=fe80%3A%3A1", mp_location},
        {"MPLOCATION&ip=::1", mp_location},
        {"MPLOCATION" + many + "&ip=10.77.4.0", no_location}, // past all that anybody asks
        {"MPLOCATION&ip=10.77.4.0" + many, mp_location},
        {"MPLOCATION&ip=", no_location},
        {"MPLOCATION&ip", no_location},
        {"MPLOCATION&10.77.4.0", no_location},
        {"MPLOCATION&ip=10.77.4", no_location},
        {"MPLOCATION&ip=10.77.4.256", no_location},
        {"MPLOCATION&ip=10.77.4.0/24", no_location},
        {"MPLOCATION&ip=mp1.plant.example", no_location},
        {"MPLOCATION&ip=" + long_text, no_location},
        {"MPLOCATION&site=Q7T", no_location},
        // whose computer
        {"GETCLIENTAFFINITY", nobody},
        {"getclientaffinity&guid:935b7780-91e6-4e7d-a008-d7a0a3b13d74", nobody},
        {"GETCLIENTAFFINITY&%7B935B7780-91E6-4E7D-A008-D7A0A3B13D74%7D", nobody},
        {"GETCLIENTAFFINITY&rubbish", nobody},
    };
    for (auto const& row : rows) check(look_ups, row);
}

TEST_CASE("the management point's names come from its host") {
    struct Case {
        std::string host;
        std::string name;
    };
    for (auto const& [host, name] :
         {Case{"mp1.plant.example", "MP1"}, Case{"Mp1", "MP1"}, Case{"localhost", "LOCALHOST"},
          Case{"192.0.2.7", "192.0.2.7"}, Case{"2001:db8::7", "2001:db8::7"}}) {
        INFO(host);
        LookUps const look_ups(facts(config::SiteMode::mixed, host));
        auto const list = outline_of(answer(look_ups, "MPLIST"));
        CHECK(std::ranges::count(list, "MPList/MP@Name=" + name) == 1);
        CHECK(std::ranges::count(list, "MPList/MP@FQDN=" + host) == 1);
        CHECK(std::ranges::count(list, "MPList/MP/FQDN=" + host) == 1);
        auto const keys = outline_of(answer(look_ups, "MPKEYINFORMATION"));
        CHECK(std::ranges::count(keys, "MPKEYINFORMATION/MACHINENAME=" + name) == 1);
        CHECK(std::ranges::count(keys, "MPKEYINFORMATION/FQDN=" + host) == 1);
        auto const place = outline_of(answer(look_ups, "MPLOCATION&ip=10.0.0.0"));
        CHECK(std::ranges::count(place, "MPLocation@MP=" + host) == 1);
    }
}

TEST_CASE("who has a page already is told so, until it changes") {
    LookUps const look_ups(facts());
    auto const tag = header(answer(look_ups, "MPCERT2"), "ETag");
    REQUIRE(tag.size() > 2);
    CHECK(header(answer(look_ups, "mpcert2&x"), "ETag") == tag);
    CHECK(header(answer(look_ups, "MPLIST"), "ETag") != tag);
    for (auto const& sent : {tag, "\"other\", " + tag, "W/" + tag, std::string(" * ")}) {
        INFO(sent);
        auto const response = answer(look_ups, "MPCERT2", sent);
        CHECK(response.status == 304);
        CHECK(response.body.empty());
        CHECK(header(response, "ETag") == tag);
    }
    for (auto const& sent : {std::string(), std::string("\"other\""), tag.substr(1)}) {
        INFO(sent);
        CHECK(answer(look_ups, "MPCERT2", sent).status == 200);
    }
    CHECK(answer(look_ups, "NOTHING", "*").status == 404);

    auto renewed = facts();
    renewed.keys.mp_encryption = from_hex("30ED").value();
    CHECK(answer(LookUps(renewed), "MPCERT2", tag).status == 200);
    CHECK(answer(LookUps(facts()), "MPCERT2", tag).status == 304);
}
