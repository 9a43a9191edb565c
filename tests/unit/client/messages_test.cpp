// SPDX-License-Identifier: Apache-2.0
// The typed messages: what is written satisfies the schemas, and what comes back is read without trust.
#include "base/bytes.hpp"
#include "base/digest.hpp"
#include "schemas/validator.hpp"
#include "server/wire/envelope.hpp"
#include "server/wire/signature.hpp"
#include "server/wire/utf16.hpp"
#include "server/wire/zlib.hpp"
#include "tests/support/paths.hpp"
#include "tests/unit/client/support.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <pointman/collected_files.hpp>
#include <pointman/location.hpp>
#include <pointman/metering.hpp>
#include <pointman/policy.hpp>
#include <pointman/registration.hpp>
#include <pointman/state.hpp>
#include <pointman/status.hpp>

namespace pointman::client {

namespace {

constexpr std::string_view smsid = "GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3";

// A name that has to be escaped wherever it goes.
Agent const agent{.netbios_name = "PC<&\"1", .fqdn = "pc1.lab.example", .site_code = "LAB"};
Sender const sender{.id = std::string(smsid), .version = "5.00.8325.0000", .netbios_name = "PC<&\"1"};

Identity& identity() {
    static test::TemporaryDirectory const directory;
    static auto one = [] {
        auto made = Identity::open(directory.path() / "id", {.now = test_time}).value();
        made.remember(std::string(smsid)).value();
        return made;
    }();
    return one;
}

/// With its mark, as bodies of policies are.
Bytes utf16(std::string_view text) {
    Bytes bytes{std::byte{0xFF}, std::byte{0xFE}};
    auto const units = wire::to_utf16le(text);
    bytes.insert(bytes.end(), units.begin(), units.end());
    return bytes;
}

Bytes sealed(BytesView plain) {
    return wire::seal_envelope(plain, identity().credentials().certificate(), wire::Cipher::triple_des)
        .value();
}

void check_schema(std::string_view schema, std::string const& xml) {
    schemas::load_embedded_schemas();
    INFO(xml);
    auto const valid = schemas::validate(schema, as_bytes(xml));
    if (!valid) FAIL(describe(valid.error()));
}

CollectedFile file(FileChange change, std::string_view content) {
    return {.change = change,
            .name = "a&b.txt",
            .path = "/etc/",
            .modified = test_time,
            .content = to_bytes(content)};
}

} // namespace

TEST_CASE("what is written satisfies its schema") {
    Place const place{.ad_site = "North & South",
                      .addresses = {{.address = "10.77.9.31", .subnet = "10.77.9.0"}}};
    StateMessage const state{
        .topic_id = "a<b", .topic_type = 500, .details = "<x>", .parameters = {"1", "&"}, .time = test_time};
    MeteredFile const metered{
        .file_name = "a&b", .usages = {{.id = "{1}", .user = "L\\u", .start = test_time, .end = test_time}}};
    std::vector const files{file(FileChange::added, "x"), file(FileChange::deleted, "")};
    std::vector const mifs{MifFile{.content = to_bytes("x")}};
    check_schema("client_registration_request.xsd", registration_request(identity(), agent, test_time));
    check_schema("client_registration_request.xsd",
                 registration_request(identity(), agent, test_time, identity().credentials()));
    check_schema("client_registration_request.xsd", confirmation_request(identity(), agent, test_time));
    check_schema("request_assignments.xsd", policy_request(identity(), agent));
    check_schema("request_assignments.xsd",
                 policy_request(identity(), agent,
                                {.cookie = "a&b",
                                 .user = PolicyUser{.name = "L\\u", .sid = "S-1", .group_sids = {"S-2"}}}));
    check_schema("content_location_request.xsd",
                 content_location_request({.package_id = "A&B", .version = "1", .place = place}, "LAB"));
    check_schema("local_mp_location_request.xsd", local_mp_request(place, "LAB"));
    check_schema("wsus_location_request.xsd", update_server_request(place, "LAB", "", ""));
    check_schema("wsus_location_request.xsd", update_server_request(place, "LAB", "{1}", "12"));
    check_schema("site_information_request.xsd", site_information_request("L&B"));
    check_schema("assigned_site_request.xsd", assigned_site_request(place));
    check_schema("enumerate_mp_location_request.xsd",
                 management_points_request(place, "LAB", ManagementPointKind::proxy));
    check_schema("status.xsd", status_message({.type = "A<B", .properties = {{"a&b", "<"}}}));
    check_schema("state_message_report.xsd", state_report(sender, test_time, {&state, 1}, 41));
    check_schema("software_metering_report.xsd", metering_report(sender, test_time, {&metered, 1}));
    check_schema("software_metering_report.xsd", metering_report(sender, test_time, {}));
    check_schema("file_collection_report.xsd", file_collection_report(sender, test_time, {}, files));
    check_schema("idmif_report.xsd", idmif_report(sender, test_time, {}, mifs));
}

TEST_CASE("a report has the header that all reports share") {
    auto const xml = report(sender, "FILECOLL", "Delta", "2.7", test_time, "<Action/>", "<Body/>");
    CHECK(xml ==
          "<Report><ReportHeader><Identification><Machine><ClientInstalled>1</ClientInstalled><ClientType>1"
          "</ClientType><ClientID>GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3</"
          "ClientID><ClientVersion>5.00.8325.0000"
          "</ClientVersion><NetBIOSName>PC&lt;&amp;&quot;1</NetBIOSName><CodePage>1252</CodePage>"
          "<SystemDefaultLCID>1033</SystemDefaultLCID><Priority/></Machine></Identification><ReportDetails>"
          "<ReportContent>FILECOLL</ReportContent><ReportType>Delta</ReportType>"
          "<Date>20261123100000.000000+000</Date><Version>2.7</Version><Format>1.1</Format></ReportDetails>"
          "<Action/></ReportHeader><ReportBody><Body/></ReportBody></Report>");
}

TEST_CASE("states are numbered on") {
    std::vector<StateMessage> const states(2);
    auto const xml = state_report(sender, test_time, states, 41);
    CHECK(xml.find("SerialNumber=\"41\"") < xml.find("SerialNumber=\"42\""));
    CHECK(xml.find("SerialNumber=\"42\"") != std::string::npos);
}

TEST_CASE("a registration is signed over the text of its Data") {
    auto const xml = registration_request(identity(), agent, test_time);
    auto const begin = xml.find("<Data");
    auto const end = xml.find("</Data>") + 7;
    auto const value = xml.find("<SignatureValue>") + 16;
    auto const signature = from_hex(xml.substr(value, xml.find('<', value) - value)).value();
    auto const key = wire::PublicKey::from_certificate(identity().credentials().certificate()).value();
    CHECK(key.verify(wire::to_utf16le(xml.substr(begin, end - begin)), signature, wire::Digest::sha256));
}

TEST_CASE("replies to registrations are read") {
    struct Row {
        std::string xml;
        std::optional<RegistrationStatus> status;
        std::optional<int> approval;
    };
    auto const with = [](std::string_view attributes) {
        return fmt::format("<ClientRegistrationResponse ResponseType=\"Registration\" {}/>", attributes);
    };
    constexpr std::string_view id = "SMSID=\"guid:5b0c7a52-3f61-4e0a-9d11-27a8c4e0f1b3\"";
    auto const rows = std::to_array<Row>({
        {with(fmt::format("Status=\"0\" {}", id)), RegistrationStatus::registered, {}},
        {with(fmt::format("Status=\"1\" ApprovalStatus=\"0\" {}", id)), RegistrationStatus::pending, 0},
        {with("Status=\"2\""), RegistrationStatus::reset, {}},
        {with("Status=\"3\" ApprovalStatus=\"-1\""), RegistrationStatus::rejected, -1},
        {with("Status=\"4\""), RegistrationStatus::certificate_reset, {}},
        {with("Status=\"9\""), RegistrationStatus::rejected, {}},
        {with("Status=\"0\""), {}, {}},
        {with("Status=\"0\" SMSID=\"nonsense\""), {}, {}},
        {with("Status=\"-1\""), {}, {}},
        {with(""), {}, {}},
        {"<Other Status=\"0\"/>", {}, {}},
        {"<ClientRegistrationResponse", {}, {}},
        {"", {}, {}},
    });
    for (auto const& row : rows) {
        INFO(row.xml);
        auto const reply = read_registration_reply(row.xml);
        REQUIRE(reply.has_value() == row.status.has_value());
        if (!reply) {
            CHECK(name_of(reply.error().code) == "bad_reply");
            continue;
        }
        CHECK(reply->status == *row.status);
        CHECK(reply->approval == row.approval);
        if (*row.status <= RegistrationStatus::pending) CHECK(reply->smsid == smsid);
    }
}

TEST_CASE("assignments are read") {
    auto const reply = read_policy_assignments(
        R"(<ReplyAssignments SchemaVersion="1.00" ReplyType="OnUpdate"><ServerCookie> c </ServerCookie>)"
        R"(<PolicyAssignment PolicyAssignmentID="{a}"><Condition><Operator OperatorType="AND">)"
        R"(<Expression><![CDATA[SELECT * FROM SMS_Client]]></Expression></Operator></Condition>)"
        R"(<Policy PolicyID="p" PolicyVersion="3.00" PolicyCategory="NAAConfig" PolicyFlags="70">)"
        R"(<PolicyLocation PolicyHash="M" PolicyHashEx="S"><![CDATA[http://<mp>/SMS_MP/.sms_pol?p.3_00]]>)"
        R"(</PolicyLocation></Policy></PolicyAssignment></ReplyAssignments>)");
    REQUIRE(reply);
    CHECK_FALSE(reply->full);
    CHECK(reply->cookie == "c");
    REQUIRE(reply->assignments.size() == 1);
    auto const& one = reply->assignments.front();
    CHECK(one.id == "{a}");
    CHECK(one.policy_id == "p");
    CHECK(one.category == "NAAConfig");
    CHECK(one.flags ==
          (policy_flags::requires_authentication | policy_flags::secret | policy_flags::compressed));
    CHECK(one.location == "http://<mp>/SMS_MP/.sms_pol?p.3_00");
    CHECK(one.hash == "M");
    CHECK(one.hash_ex == "S");
    using enum PolicyCondition::Kind;
    PolicyCondition const query_alone{.kind = query, .text = "SELECT * FROM SMS_Client"};
    PolicyCondition const in_operator{.kind = all, .text = {}, .parts = {query_alone}};
    CHECK(one.condition == PolicyCondition{.kind = all, .text = {}, .parts = {in_operator}});
    for (auto const* const bad :
         {"", "<ReplyAssignments", "<Other/>",
          "<ReplyAssignments><PolicyAssignment PolicyAssignmentID=\"a\"/></ReplyAssignments>",
          "<ReplyAssignments><PolicyAssignment><Policy "
          "PolicyID=\"p\"/></PolicyAssignment></ReplyAssignments>",
          "<!DOCTYPE x><ReplyAssignments/>"}) {
        INFO(bad);
        CHECK(name_of(read_policy_assignments(bad).error().code) == "bad_reply");
    }
}

TEST_CASE("signed assignments are taken as they were signed, and not otherwise") {
    test::TemporaryDirectory const directory;
    auto const site = Identity::open(directory.path() / "site", {.now = test_time}).value();
    auto const key = wire::PrivateKey::from_pem(test::read_text(site.credentials().key_file())).value();
    std::string const text =
        R"(<PolicyAssignment PolicyAssignmentID="{a}"><Policy PolicyID="p" PolicyVersion="1.00" )"
        R"(PolicyFlags="0"><PolicyLocation>http://mp/x</PolicyLocation></Policy></PolicyAssignment>)";
    auto const reference = [&](std::string_view id, std::string_view of, wire::Digest digest, int algorithm) {
        return fmt::format(R"(<Reference PolicyAssignmentID="{}"><SignatureAlgorithm AlgID="{}"/>)"
                           R"(<SignatureValue>{}</SignatureValue></Reference>)",
                           id, algorithm, to_hex(key.sign(wire::to_utf16le(of), digest)));
    };
    auto const good = reference("{a}", text, wire::Digest::sha256, 32780);
    auto const other =
        text.substr(0, text.find("http")) + "http://evil/x" + text.substr(text.find("</PolicyLocation"));
    struct Row {
        std::string name;
        std::string references;
        std::string assignments;
        bool taken;
    };
    auto const rows = std::to_array<Row>({
        {"SHA-256", good, text, true},
        {"SHA-1", reference("{A}", text, wire::Digest::sha1, 32772), text, true},
        {"none", "", "", true},
        {"no signature", "", text, false},
        {"of another assignment", reference("{b}", text, wire::Digest::sha256, 32780), text, false},
        {"unknown algorithm", reference("{a}", text, wire::Digest::sha256, 1), text, false},
        {"another algorithm than it says", reference("{a}", text, wire::Digest::sha256, 32772), text, false},
        {"another text", good, other, false},
        {"the signed text in a comment", good, "<!--" + text + "-->" + other, false},
        {"the signed text in CDATA", good,
         other.substr(0, other.find("</Policy>")) + "<x><![CDATA[" + text +
             "]]></x></Policy></PolicyAssignment>",
         false},
        {"one without, behind one with", good, text + other, false},
    });
    for (auto const& row : rows) {
        INFO(row.name);
        auto const xml =
            fmt::format("<ReplyAssignments ReplyType=\"Full\"><Signature>{}</Signature>{}</ReplyAssignments>",
                        row.references, row.assignments);
        auto const reply = read_signed_assignments(xml, site.credentials().certificate());
        CHECK(reply.has_value() == row.taken);
        if (!reply) CHECK(name_of(reply.error().code) == "bad_signature");
    }
    auto const wrong = identity().credentials().certificate();
    auto const xml =
        fmt::format("<ReplyAssignments><Signature>{}</Signature>{}</ReplyAssignments>", good, text);
    CHECK(name_of(read_signed_assignments(xml, wrong).error().code) == "bad_signature");
    CHECK(name_of(read_signed_assignments(xml, to_bytes("x")).error().code) == "invalid_argument");
}

TEST_CASE("bodies of policies are opened and unpacked") {
    std::string const policy = "<Policy PolicyID=\"p\"><PolicyRule/></Policy>";
    auto const packed = utf16(fmt::format("<PolicyXML Compression=\"zlib\" Version=\"1\">{}</PolicyXML>",
                                          to_hex(wire::zlib_compress(utf16(policy)))));
    struct Row {
        std::string name;
        Bytes body;
        bool good;
    };
    auto const rows = std::to_array<Row>({
        {"plain", utf16(policy), true},
        {"UTF-8", to_bytes(policy), true},
        {"compressed", packed, true},
        {"sealed", sealed(utf16(policy)), true},
        {"sealed and compressed", sealed(packed), true},
        {"sealed twice", sealed(sealed(utf16(policy))), false},
        {"sealed, cut short",
         [&] {
             auto b = sealed(utf16(policy));
             b.resize(b.size() / 2);
             return b;
         }(),
         false},
        {"nothing", {}, false},
        {"refusal", to_bytes("<HTML><HEAD><TITLE>ERROR</TITLE></HEAD><BODY></BODY></HTML>"), false},
        {"unknown compression", to_bytes("<PolicyXML Compression=\"lzx\">00</PolicyXML>"), false},
        {"no hex", to_bytes("<PolicyXML Compression=\"zlib\">xyz</PolicyXML>"), false},
        {"no zlib", to_bytes("<PolicyXML Compression=\"zlib\">0011</PolicyXML>"), false},
    });
    for (auto const& row : rows) {
        INFO(row.name);
        auto const text = read_policy_body(row.body, identity().credentials());
        CHECK(text.has_value() == row.good);
        if (text) {
            CHECK(*text == policy);
        } else {
            CHECK(name_of(text.error().code) == "bad_reply");
        }
    }
}

TEST_CASE("a body is the one that the assignment promised") {
    // The test vector of policy.md 6.
    std::string const policy =
        R"(<Policy PolicyType="Machine" SchemaVersion="1.00" PolicyID="{3e1d2c6a-7f40-4b1e-a5c9-0d6b8e2f9a11}" )"
        R"(PolicyVersion="3.00" PolicySource="SMS:Q7T"><PolicyRule PolicyRuleID="{9a2b4c6d-1e3f-4a5b-8c7d-0f1e2d3c4b5a}">)"
        R"(<PolicyAction PolicyActionType="WMI-XML"><instance class="CCM_SoftwareInventoryConfiguration">)"
        R"(<property name="Enabled" type="11"><value><![CDATA[TRUE]]></value></property></instance></PolicyAction>)"
        R"(</PolicyRule></Policy>)";
    std::string const md5 = "9A8FCBB5113E6AA73A770E935C6425DB";
    std::string const sha1 = "8FB1EB5CB6F3A54B715AE2C3396BDFEE0C45A6F9";
    std::string const sha256 = "D1FB43053A5F806ABB18ACF547AB0D05E5DAD66C292ACDEDA098853E4BD8AA3D";
    auto const wrong = [](std::string digest) {
        digest.back() = digest.back() == '0' ? '1' : '0';
        return digest;
    };
    auto const url = [](std::string const& end) { return "http://<mp>/SMS_MP/.sms_pol?{3e1d2c6a}." + end; };
    auto const body = utf16(policy);
    REQUIRE(body.size() == 860);
    auto ended = body;
    ended.insert(ended.end(), 2, std::byte{0});
    auto other = body;
    other[200] = std::byte{'x'};
    auto const packed =
        utf16("<PolicyXML Compression=\"zlib\">" + to_hex(wire::zlib_compress(body)) + "</PolicyXML>");
    struct Row {
        std::string name;
        Bytes body;
        std::string hash;
        std::string hash_ex;
        std::string location;
        bool good;
    };
    auto const rows = std::to_array<Row>({
        {"no digests", body, "", "", url("3_00"), true},
        {"MD5 and SHA-1", body, md5, sha1, url("3_00"), true},
        {"in lower case", body, "9a8fcbb5113e6aa73a770e935c6425db", "", "", true},
        {"SHA-256 in the location", body, "", "", url("SHA256:" + sha256), true},
        {"SHA-256 in the attribute", body, "SHA256:" + sha256, "", "", true},
        {"SHA-256 without its name", body, sha256, "", "", true},
        {"sealed", sealed(body), md5, sha1, url("SHA256:" + sha256), true},
        {"sealed with a NUL behind it", sealed(ended), md5, sha1, "", true},
        {"with a NUL that counts", sealed(ended), digest_hex(ended, EVP_md5()), "", "", true},
        {"packed: the bytes that are served", packed, digest_hex(packed, EVP_md5()),
         digest_hex(packed, EVP_sha1()), "", true},
        {"packed: not what is inside", packed, md5, "", "", false},
        {"another MD5", body, wrong(md5), "", "", false},
        {"another SHA-1 beside the right MD5", body, md5, wrong(sha1), "", false},
        {"another SHA-256 in the location", body, md5, sha1, url("SHA256:" + wrong(sha256)), false},
        {"another SHA-256 in the attribute", body, "SHA256:" + wrong(sha256), "", "", false},
        {"another body", other, md5, "", "", false},
        {"another body, sealed", sealed(other), md5, "", "", false},
        {"cut short", Bytes(body.begin(), body.end() - 2), md5, "", "", false},
        {"the attributes changed about", body, sha1, md5, "", true},
        {"forms that nobody knows", body, "CRC32:12345678", md5.substr(1), url("SHA512:" + sha256), true},
    });
    for (auto const& row : rows) {
        INFO(row.name);
        PolicyAssignment assignment;
        assignment.hash = row.hash;
        assignment.hash_ex = row.hash_ex;
        assignment.location = row.location;
        auto const text = read_policy_body(row.body, identity().credentials(), assignment);
        CHECK(text.has_value() == row.good);
        if (text) continue;
        CHECK(name_of(text.error().code) == "bad_reply");
        CHECK_THAT(text.error().message, Catch::Contains("it is not the one that was assigned"));
    }
}

TEST_CASE("a token is signed as the server verifies it") {
    auto const headers = token_headers(identity(), test_time);
    REQUIRE(headers.size() == 2);
    CHECK(headers[0] ==
          std::pair<std::string, std::string>("ClientToken", std::string(smsid) + ";2026-11-23T10:00:00Z;2"));
    auto const key = wire::PublicKey::from_certificate(identity().credentials().certificate()).value();
    CHECK(key.verify(wire::signed_text(headers[0].second), from_hex(headers[1].second).value(),
                     wire::Digest::sha256));
}

TEST_CASE("locations are read") {
    auto const content = read_content_locations(
        R"(<ContentLocationReply SchemaVersion="1.00"><Sites><Site>)"
        R"(<MPSite SiteCode="LAB" MasterSiteCode="LAB" SiteLocality="LOCAL"/><LocationRecords><LocationRecord>)"
        R"(<URL Name="http://dp1/SMS_DP_SMSPKG$/A"/><URL Name="https://dp1/A"/><SMBPath Name="\\dp1\A"/>)"
        R"(<ADSite Name="North"/><Version>6487</Version><ServerRemoteName>dp1</ServerRemoteName><DPType>SERVER</DPType>)"
        R"(<Locality>REMOTE</Locality></LocationRecord></LocationRecords></Site></Sites></ContentLocationReply>)");
    REQUIRE(content);
    REQUIRE(content->size() == 1);
    CHECK(content->front().locality == "LOCAL");
    REQUIRE(content->front().points.size() == 1);
    auto const& point = content->front().points.front();
    CHECK(point.urls == std::vector<std::string>{"http://dp1/SMS_DP_SMSPKG$/A", "https://dp1/A"});
    CHECK(point.smb_paths == std::vector<std::string>{"\\\\dp1\\A"});
    CHECK(point.locality == "REMOTE");
    CHECK(point.server == "dp1");

    auto const updates = read_update_servers(
        R"(<WSUSLocationReply><Sites><Site><MPSite SiteCode="LAB"/><LocationRecords>)"
        R"(<LocationRecord WSUSURL="http://sus:8530" ServerName="sus" Version="12"/></LocationRecords></Site></Sites></WSUSLocationReply>)");
    REQUIRE(updates->size() == 1);
    CHECK(updates->front().url == "http://sus:8530");
    CHECK(updates->front().site_code == "LAB");

    auto const sites = read_site_information(
        R"(<SiteInfoReply><Sites><Site><SiteCode>LAB</SiteCode><Version>5</Version><BuildNumber>6</BuildNumber></Site></Sites></SiteInfoReply>)");
    REQUIRE(sites->size() == 1);
    CHECK(sites->front().build == "6");

    auto const list = read_management_point_list(
        R"(<MPList><MP Name="MP1" FQDN="mp1.lab" SiteCode="LAB"><Version>1</Version></MP><MP Name="MP2"/></MPList>)");
    REQUIRE(list->size() == 2);
    CHECK(list->front().name == "mp1.lab");
    CHECK(list->back().name == "MP2");
}

TEST_CASE("an answer of another kind is no list") {
    using Reads = bool (*)(std::string_view);
    constexpr Reads readers[] = {
        [](std::string_view xml) { return read_content_locations(xml).has_value(); },
        [](std::string_view xml) { return read_local_mps(xml).has_value(); },
        [](std::string_view xml) { return read_update_servers(xml).has_value(); },
        [](std::string_view xml) { return read_site_information(xml).has_value(); },
        [](std::string_view xml) { return read_assigned_sites(xml).has_value(); },
        [](std::string_view xml) { return read_management_points(xml).has_value(); },
        [](std::string_view xml) { return read_management_point_list(xml).has_value(); },
    };
    for (auto const& reads : readers)
        for (auto const* const xml : {"", "<Other/>", "<ContentLocationReply", "<!DOCTYPE x><MPList/>"})
            CHECK_FALSE(reads(xml));
}

} // namespace pointman::client
