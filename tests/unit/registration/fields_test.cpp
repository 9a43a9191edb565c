// SPDX-License-Identifier: Apache-2.0
// Which parts of a request must be there, and how they may be written (registration.md 2, 6, 7).
#include "tests/unit/registration/desk.hpp"

#include <catch2/catch.hpp>

#include <regex>

using namespace pointman;
using namespace pointman::test;

namespace {

/// A valid request with one change made before signing.
std::string changed_and_signed(RegistrationRequest const& request, std::string const& pattern,
                               std::string const& replacement) {
    auto const before = data_element(request);
    auto const after = std::regex_replace(before, std::regex(pattern), replacement);
    REQUIRE(after != before);
    auto const digest = request.hash.value_or(wire::Digest::sha1);
    return request_around(after, signature_value(test_key(0), after, digest), request.signer_smsid);
}

struct Row {
    char const* name;
    std::string pattern;
    std::string replacement;
    std::string named; ///< what the refusal names; "" = the request is taken
};

} // namespace

TEST_CASE("fields of a registration") {
    auto const row = GENERATE(values<Row>({
        {"no RequestType", R"( RequestType="[^"]*")", "", "RequestType"},
        {"another RequestType", R"(RequestType="Registration")", R"(RequestType="Renewal")", "RequestType"},
        {"RequestType in another case", R"(RequestType="Registration")", R"(RequestType="registration")", ""},
        {"no SMSID", R"( SMSID="")", "", "Data/@SMSID"},
        {"an SMSID that is none", R"(SMSID="")", R"(SMSID="GUID:12")", "Data/@SMSID"},
        {"no TimeStamp", R"( TimeStamp="[^"]*")", "", ""},
        {"a TimeStamp that is none", R"(TimeStamp="[^"]*")", R"(TimeStamp="yesterday")", ""},
        {"no AgentInformation", R"(<AgentInformation[^>]*>)", "", "AgentInformation"},
        {"no AgentType", R"( AgentType="0")", "", "AgentInformation/@AgentType"},
        {"an empty AgentType", R"(AgentType="0")", R"(AgentType="")", "AgentInformation/@AgentType"},
        {"an AgentType that is no number", R"(AgentType="0")", R"(AgentType="client")",
         "AgentInformation/@AgentType"},
        {"an AgentType with a rest", R"(AgentType="0")", R"(AgentType="0x")", "AgentInformation/@AgentType"},
        {"a negative AgentType", R"(AgentType="0")", R"(AgentType="-1")", "AgentInformation/@AgentType"},
        {"an AgentType beyond all", R"(AgentType="0")", R"(AgentType="99999999999")",
         "AgentInformation/@AgentType"},
        {"boot media", R"(AgentType="0")", R"(AgentType="1")", ""},
        {"a device, later", R"(AgentType="0")", R"(AgentType="2")", ""},
        {"a device, 2007", R"(AgentType="0")", R"(AgentType="3")", ""},
        {"a type that nobody documents", R"(AgentType="0")", R"(AgentType="17")", ""},
        {"no AgentVersion", R"( AgentVersion="[^"]*")", "", ""},
        {"no AgentIdentity", R"( AgentIdentity="[^"]*")", "", ""},
        {"no Certificates", R"(<Certificates>.*</Certificates>)", "", "Signing"},
        {"no Signing", R"(<Signing.*</Signing>)", "", "Signing"},
        {"an empty Signing", R"((<Signing[^>]*>)[^<]*)", "$1", "Signing"},
        {"no Encryption", R"(<Encryption.*</Encryption>)", "", ""},
        {"an empty Encryption", R"((<Encryption[^>]*>)[^<]*)", "$1", ""},
        {"no Encoding and KeyType", R"( Encoding="HexBinary" KeyType="1")", "", ""},
        {"Signing first", R"((<Encryption.*</Encryption>)(<Signing.*</Signing>))", "$2$1", ""},
        {"Signing with an odd digit", R"((<Signing[^>]*>))", "$013", "Signing"},
        {"Signing with a letter", R"((<Signing[^>]*>)30)", "$01zz", "Signing"},
        {"Signing that is no certificate", R"((<Signing[^>]*>)[^<]*)", "$010011223344", "Signing"},
        {"Encryption that is no certificate", R"((<Encryption[^>]*>)[^<]*)", "$010011223344", "Encryption"},
        {"Signing in wrapped lines", R"((<Signing[^>]*>)(.{64}))", "$01\r\n  $2\r\n", ""},
        {"no DiscoveryProperties", R"(<DiscoveryProperties>.*</DiscoveryProperties>)", "",
         "DiscoveryProperties"},
        {"no NetBIOS name", R"(<Property Name="Netbios Name"[^>]*>)", "", "NetBIOS Name"},
        {"an empty NetBIOS name", R"x((Name="Netbios Name" Value=)"[^"]*")x", R"($1"")", "NetBIOS Name"},
        {"a NetBIOS name of blanks", R"x((Name="Netbios Name" Value=)"[^"]*")x", R"($1"  ")", "NetBIOS Name"},
        {"NetBIOS Name as the page spells it", "Netbios Name", "NetBIOS Name", ""},
        {"NETBIOS NAME", "Netbios Name", "NETBIOS NAME", ""},
        {"no FQ Name", R"(<Property Name="FQ Name"[^>]*>)", "", "FQ Name"},
        {"an empty FQ Name", R"x((Name="FQ Name" Value=)"[^"]*")x", R"($1"")", ""},
        {"fq name", "FQ Name", "fq name", ""},
        {"no InternetFlag", R"(<Property Name="InternetFlag"[^>]*>)", "", "InternetFlag"},
        {"an empty InternetFlag", R"x((Name="InternetFlag" Value=)"[^"]*")x", R"($1"")", "InternetFlag"},
        {"always on the Internet", R"x((Name="InternetFlag" Value=)"0")x", R"($1"2")", ""},
        {"no Locale ID", R"(<Property Name="Locale ID"[^>]*>)", "", ""},
        {"a property without name", R"(Name="Locale ID" )", "", "Property/@Name"},
        {"a property without value", R"((Name="Locale ID") Value="[^"]*")", "$1", "Locale ID"},
        {"a property of tomorrow", "Locale ID", "Publisher Device Id", ""},
        {"an element of tomorrow", "<DiscoveryProperties>",
         "<Tomorrow a=\"1\"><b/></Tomorrow><DiscoveryProperties>", ""},
    }));
    INFO(row.name);
    Desk desk;
    auto const request = registration_of(test_key(0), "LABPC01");
    auto const answer = desk.submit(changed_and_signed(request, row.pattern, row.replacement));
    CHECK(answer.type == "Registration");
    if (row.named.empty()) {
        INFO((answer.error ? describe(*answer.error) : ""));
        CHECK(answer.status == 0);
        CHECK(desk.clients().size() == 1);
    } else {
        CHECK(answer.status == 3);
        CHECK(answer.smsid.empty());
        CHECK(answer.approval.empty());
        REQUIRE(answer.error);
        CHECK_THAT(describe(*answer.error), Catch::Contains(row.named));
        CHECK(answer.error->line == 1);
        CHECK(desk.clients().empty());
    }
}

TEST_CASE("fields of a confirmation") {
    auto const row = GENERATE(values<Row>({
        {"an empty SMSID", R"(SMSID="[^"]*")", R"(SMSID="")", "SMSID"},
        {"no SMSID", R"( SMSID="[^"]*")", "", "SMSID"},
        {"no AgentInformation", R"(<AgentInformation[^>]*>)", "", "AgentInformation"},
        {"empty Certificates", "</Data>", "<Certificates/></Data>", ""},
        {"lower-case SMSID", "AB", "ab", ""},
        {"SMSID in braces", "SMSID=\"GUID:([^\"]*)\"", "SMSID=\"{$1}\"", ""},
        {"confirmation", "\"Confirmation\"", "\"confirmation\"", ""},
    }));
    INFO(row.name);
    auto const smsid = "GUID:ABABABAB-0000-0000-0000-000000000001";
    Desk desk;
    desk.insert(record_of(test_key(0), smsid, "LABPC01"));
    auto request = confirmation_of(smsid);
    request.signer_smsid.clear();
    auto const answer = desk.submit(changed_and_signed(request, row.pattern, row.replacement));
    CHECK(answer.status == (row.named.empty() ? 0 : 3));
    if (row.named.empty()) {
        CHECK(answer.smsid == smsid);
    } else {
        CHECK_THAT(describe(answer.error.value()), Catch::Contains(row.named));
    }
}

TEST_CASE("the part outside of the signature") {
    auto const data = data_element(registration_of(test_key(0), "LABPC01"));
    auto const signature = signature_value(test_key(0), data, wire::Digest::sha256);
    auto const root = [](std::string const& inside) {
        return "<ClientRegistrationRequest>" + inside + "</ClientRegistrationRequest>";
    };
    auto const wrapped = [&](std::string const& open, std::string const& value) {
        return root(data + open + "<SignatureValue>" + value + "</SignatureValue></Signature>");
    };
    struct Request {
        char const* name;
        std::string xml;
        int status;
    };
    auto const row = GENERATE_COPY(values<Request>({
        {"plain", wrapped("<Signature>", signature), 0},
        {"white space around",
         root("\r\n  " + data + "\r\n  <Signature>\n<SignatureValue>" + signature +
              "</SignatureValue>\n</Signature>\n"),
         0},
        {"with Encoding",
         root(data + R"(<Signature><SignatureValue Encoding="hexBinary">)" + signature +
              "</SignatureValue></Signature>"),
         0},
        {"value in wrapped lines",
         wrapped("<Signature>", "\n" + signature.substr(0, 64) + "\n" + signature.substr(64)), 0},
        {"Signature/@SMSID empty", wrapped(R"(<Signature SMSID="">)", signature), 0},
        {"Signature/@SMSID is none", wrapped(R"(<Signature SMSID="me">)", signature), 3},
        {"no Signature", root(data), 3},
        {"no SignatureValue", root(data + "<Signature/>"), 3},
        {"an empty SignatureValue", wrapped("<Signature>", ""), 3},
        {"an odd digit", wrapped("<Signature>", signature + "0"), 3},
        {"no hexadecimal", wrapped("<Signature>", "signed, me"), 3},
        {"cut short", wrapped("<Signature>", signature.substr(2)), 3},
        {"a byte longer", wrapped("<Signature>", signature + "00"), 3},
        {"all zero", wrapped("<Signature>", std::string(signature.size(), '0')), 3},
        {"a declaration in front",
         R"(<?xml version="1.0" encoding="utf-8"?>)" + wrapped("<Signature>", signature), 0},
    }));
    INFO(row.name);
    Desk desk;
    auto const answer = desk.submit(row.xml);
    INFO((answer.error ? describe(*answer.error) : ""));
    CHECK(answer.status == row.status);
    CHECK(desk.clients().size() == (row.status == 0 ? 1 : 0));
}

TEST_CASE("hash algorithms") {
    struct Hash {
        std::string oid;
        wire::Digest digest;
        bool known;
    };
    using enum wire::Digest;
    auto const row = GENERATE(values<Hash>({
        {"", sha1, true},
        {"1.2.840.113549.1.1.5", sha1, true},
        {"1.2.840.113549.1.1.11", sha256, true},
        {"1.2.840.113549.1.1.12", sha384, true},
        {"1.2.840.113549.1.1.13", sha512, true},
        {"1.3.14.3.2.26", sha1, true},
        {"2.16.840.1.101.3.4.2.1", sha256, true},
        {"1.2.840.113549.1.1.4", sha1, false},
        {"1.2.840.113549.1.1.11.1", sha256, false},
        {"SHA256", sha256, false},
    }));
    INFO(row.oid);
    auto request = registration_of(test_key(0), "LABPC01");
    request.hash = sha256;
    auto const data = std::regex_replace(data_element(request), std::regex(R"(HashAlgorithm="[^"]*")"),
                                         "HashAlgorithm=\"" + row.oid + "\"");
    SECTION("signed with it") {
        Desk desk;
        auto const answer = desk.submit(request_around(data, signature_value(test_key(0), data, row.digest)));
        CHECK(answer.status == (row.known ? 0 : 3));
        if (!row.known) CHECK_THAT(answer.error->message, Catch::Contains("HashAlgorithm"));
        if (row.known) CHECK(answer.approval == (row.oid.empty() ? "" : "0"));
    }
    SECTION("signed with another") {
        Desk desk;
        auto const other = row.digest == sha256 ? sha1 : sha256;
        CHECK(desk.submit(request_around(data, signature_value(test_key(0), data, other))).status == 3);
    }
}

TEST_CASE("what is kept of a registration") {
    Desk desk;
    auto request = registration_of(test_key(0), "LABPC01");
    request.properties = {{"Netbios Name", "B\xC3\x9CRO & <1>"},
                          {"FQ Name", ""},
                          {"InternetFlag", "1"},
                          {"Locale ID", "1031"},
                          {"MACAddress", "00:15:5D:00:00:01"},
                          {".HardwareID1", "2:4F6C"},
                          {"SMBIOSID", "SMB-1"}};
    request.signing_certificate = self_signed_certificate(test_key(0), {.common_name = "signs"});
    request.encryption_certificate = self_signed_certificate(test_key(1), {.common_name = "encrypts"});
    auto const answer = desk.submit(test_key(0), request);
    REQUIRE(answer.status == 0);
    auto const client = desk.client(answer.smsid).value();
    CHECK(client.name == "B\xC3\x9CRO & <1>");
    CHECK(client.fqdn == client.name);
    CHECK(client.hardware_id == "2:4F6C");
    CHECK(client.discovery == Properties{{"InternetFlag", "1"},
                                         {"Locale ID", "1031"},
                                         {"MACAddress", "00:15:5D:00:00:01"},
                                         {"SMBIOSID", "SMB-1"}});
    CHECK(client.signing_certificate == request.signing_certificate);
    CHECK(client.encryption_certificate == request.encryption_certificate);
    CHECK(client.key_sha256 == test_key(0).public_key().sha256());
    CHECK_FALSE(client.proxy);

    desk.clock.advance(std::chrono::hours(1));
    request.properties = discovery_properties("LABPC09", "labpc09.lab.example");
    request.agent_version = "5.00.9999.0000";
    request.signing_certificate = self_signed_certificate(test_key(0), {.common_name = "renewed"});
    CHECK(desk.submit(test_key(0), request).smsid == answer.smsid);
    auto const later = desk.client(answer.smsid).value();
    CHECK(later.name == "LABPC09");
    CHECK(later.agent_version == "5.00.9999.0000");
    CHECK(later.hardware_id.empty());
    CHECK(later.signing_certificate == request.signing_certificate);
    CHECK(later.key_sha256 == client.key_sha256);
    CHECK(later.first_seen == desk_time);
    CHECK(later.last_seen == desk_time + std::chrono::hours(1));
}
