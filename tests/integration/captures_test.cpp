// SPDX-License-Identifier: Apache-2.0
// The recorded requests, sent to a whole lab byte for byte.
#include "base/text.hpp"
#include "base/time.hpp"
#include "tests/support/lab.hpp"
#include "tests/support/process.hpp"
#include "tests/support/test_client.hpp"
#include "tests/support/xmllint.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include <sstream>

namespace pointman::test {

namespace {

struct Recorded {
    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> headers;
    Bytes body;
};

Recorded recorded(std::string const& name) {
    Recorded request;
    std::istringstream head(read_text(test_data("captures/" + name + ".head")));
    std::string version;
    head >> request.method >> request.target >> version;
    std::string line;
    std::getline(head, line);
    while (std::getline(head, line) && line != "\r" && !line.empty()) {
        auto const colon = line.find(':');
        auto const header = line.substr(0, colon);
        if (equal_ignoring_case(header, "Content-Length") || equal_ignoring_case(header, "Host")) continue;
        request.headers.emplace_back(header, std::string(trim(line.substr(colon + 1))));
    }
    request.body = read_bytes(test_data("captures/" + name + ".bin"));
    return request;
}

/// With its own Host and Content-Length too.
HttpResponse replay_bytes(HttpConnection connection, std::string const& name) {
    connection.send(read_text(test_data("captures/" + name + ".head")));
    return connection.receive();
}

HttpResponse replay(Lab& lab, std::string const& name) {
    auto const request = recorded(name);
    return lab.http().request(request.method, request.target, request.headers, request.body);
}

std::string xml_of(HttpResponse const& response) {
    if (response.body.empty()) return {};
    auto xml = wire::decode_reply(response.header("content-type"), response.body).value().xml;
    CHECK(faults_by_xmllint(xml) == "");
    return xml;
}

} // namespace

TEST_CASE("recorded registrations are taken") {
    for (std::string const name : {"sdk/09-CCM_POST_ccm_system_request-MP_ClientRegistration",
                                   "sdk/10-CCM_POST_ccm_system_request-MP_ClientRegistration",
                                   "sccmhunter/07-CCM_POST_ccm_system_request-MP_ClientRegistration"}) {
        DYNAMIC_SECTION(name) {
            Lab lab;
            auto const first = replay(lab, name);
            REQUIRE(first.status == 200);
            auto const reply = xml_of(first);
            CHECK(attribute_in(reply, "Status") == "0");
            CHECK(ClientId::parse(attribute_in(reply, "SMSID")).has_value());
            CHECK(attribute_in(xml_of(replay(lab, name)), "SMSID") == attribute_in(reply, "SMSID"));
            CHECK(lab.quarantine().empty());
        }
    }
}

TEST_CASE("recorded location requests get the reply of their kind") {
    Lab lab;
    for (auto const& [name, root] : {
             std::pair{"sdk/32-CCM_POST_ccm_system_request-MP_LocationManager", "ContentLocationReply"},
             std::pair{"sdk/33-CCM_POST_ccm_system_request-MP_LocationManager", "SiteInfoReply"},
             std::pair{"sdk/34-CCM_POST_ccm_system_request-MP_LocationManager", "AssignedSiteReply"},
             std::pair{"sdk/35-CCM_POST_ccm_system_request-MP_LocationManager", "EnumerateMPLocationReply"},
             std::pair{"sdk/36-CCM_POST_ccm_system_request-MP_LocationManager", "LocalMPLocationReply"},
             std::pair{"sdk/37-CCM_POST_ccm_system_request-MP_LocationManager", "WSUSLocationReply"},
         }) {
        INFO(name);
        auto const response = replay(lab, name);
        CHECK(response.status == 200);
        CHECK(xml_of(response).starts_with("<" + std::string(root)));
    }
    CHECK(lab.quarantine().empty());
}

TEST_CASE("recorded look-ups get the page of their kind") {
    struct Row {
        std::string name;
        std::string begins; ///< "" = 404
    };
    std::vector<Row> const rows{
        {"sdk/01-GET_sms_mp_.sms_aut_MPLIST1_PS1", "<MPList><MP Name=\"MP1\" FQDN=\"mp1.lab.example\" "},
        {"sdk/02-GET_sms_mp_.sms_aut_MPLIST2_PS1", ""},
        {"sdk/03-GET_sms_mp_.sms_aut_MPLIST_PS1", "<MPList><MP Name=\"MP1\" FQDN=\"mp1.lab.example\" "},
        {"sdk/04-GET_sms_mp_.sms_aut_MPCERT", "<MPCertificate><Certificate>3082"},
        {"sdk/05-GET_sms_mp_.sms_aut_MPCERT2", "<MPCertificates><Certificate1 Signature=\""},
        {"sdk/06-GET_sms_mp_.sms_aut_MPKEYINFORMATIONEX", "<MPKEYINFORMATION><MACHINENAME>MP1</MACHINENAME>"},
        {"sdk/07-GET_sms_mp_.sms_aut_MPTRK", "<KEYDATA><TRUSTEDROOTKEY Signature=\""},
        {"sdk/08-GET_sms_mp_.sms_aut_MPLOCATION_ip_127.0.0.1", "<MPLocation MP=\"mp1.lab.example\" "},
        {"sdk/17-GET_sms_mp_.sms_aut_MPLIST1", "<MPList><MP Name=\"MP1\" FQDN=\"mp1.lab.example\" "},
        {"sdk/18-GET_sms_mp_.sms_aut_MPCERT2", "<MPCertificates><Certificate1 Signature=\""},
        {"sdk/44-GET_sms_mp_.sms_aut_GETCLIENTAFFINITY_GUID_935B778", "<MachineAffinity/>"},
        {"pxethief/01-GET_SMS_MP_.sms_aut_MPKEYINFORMATIONMEDIA", "<MPKEYINFORMATION><MACHINENAME>MP1<"},
    };
    Lab lab({"site.code=PS1", "site.host=mp1.lab.example"});
    for (auto const& row : rows) {
        for (bool const over_tls : {false, true}) {
            INFO(row.name << (over_tls ? " over TLS" : ""));
            auto const response = replay_bytes(over_tls ? lab.https() : lab.http(), row.name);
            CHECK(response.status == (row.begins.empty() ? 404 : 200));
            CHECK(response.text().substr(0, row.begins.size()) == row.begins);
            CHECK(response.header("content-length") == std::to_string(response.body.size()));
            CHECK(response.header("content-type") == (row.begins.empty() ? "" : "text/xml"));
        }
    }

    Lab other({"site.code=LAB"});
    CHECK(replay_bytes(other.http(), rows[0].name).text() == "<MPList/>");
    CHECK(replay_bytes(other.http(), rows[2].name).text() == "<MPList/>");
    CHECK(replay_bytes(other.http(), rows[8].name).text().find("SiteCode=\"LAB\"") != std::string_view::npos);
}

TEST_CASE("what is recorded for other paths gets the answer that clients understand") {
    Lab lab;
    SECTION("integrated authentication is asked for, on a connection that stays") {
        auto const request =
            recorded("sccmhunter/01-CCM_POST_ccm_system_windowsauth_request-MP_ClientRegistration");
        auto connection = lab.http();
        for (int i = 0; i < 2; ++i) {
            auto const response =
                connection.request(request.method, request.target, request.headers, request.body);
            CHECK(response.status == 401);
            auto const [first, last] = response.headers.equal_range("www-authenticate");
            std::vector<std::string> schemes;
            for (auto it = first; it != last; ++it) schemes.push_back(it->second);
            CHECK(schemes == std::vector<std::string>{"Negotiate", "NTLM"});
        }
    }
    SECTION("probes") {
        CHECK(lab.http().request("GET", "/ccm_system_windowsauth/").status == 401);
        CHECK(lab.http().request("GET", "/CCM_System_AltAuth/").status == 403);
        auto const empty = lab.https().request("CCM_POST", "/ccm_system_altauth/request");
        CHECK(empty.status == 200);
        CHECK(empty.header("content-length") == "0");
    }
    SECTION("methods and paths that are not there") {
        CHECK(lab.http().request("GET", "/ccm_system/request").status == 405);
        CHECK(lab.http().request("BREW", "/ccm_system/request").status == 501);
        CHECK(lab.http().request("GET", "/nowhere").status == 404);
        CHECK(lab.http().request("PROPFIND", "/SMS_DP_SMSPKG$/PS100005").status == 404);
    }
}

TEST_CASE("the recorded upload is the exchange that wire.md tells") {
    struct Row {
        std::string packet;
        int status;
        std::string received{}; ///< BITS-Received-Content-Range
        std::string error{};
    };
    std::vector<Row> const rows{
        {"02-#-Ping", 200},
        {"03-#-Create-Session", 400, "", "0x80070057"}, // another protocol
        {"04-#-Create-Session", 200},
        {"05-#-Fragment", 416, "0"}, // asks how much is there
        {"06-#-Fragment", 200, "3000"},
        {"07-#-Fragment", 200, "6000"},
        {"08-#-Fragment", 200, "9000"},
        {"09-#-Close-Session", 200},
        {"10-#-Fragment", 500, "", "0x8020001F"}, // the session has ended
        {"11-#-Create-Session", 200},
        {"12-#-Cancel-Session", 200},
        {"13-#-Bogus-Packet", 400, "", "0x80070057"},
    };
    Lab lab;
    CHECK(xml_of(replay(lab, "bits/01-CCM_POST_ccm_system_request-UploadRequest")) ==
          "<UploadReply><Host>lab</Host><URL>http://lab/CCM_Incoming/"
          "{8D0F1DF5-F375-4F8B-840E-9F532C559CA4}</URL></UploadReply>");
    auto connection = lab.http();
    std::string session;
    std::string bytes;
    for (auto const& row : rows) {
        CAPTURE(row.packet);
        auto name = "bits/" + row.packet;
        name.replace(name.find('#'), 1, "BITS_POST_CCM_Incoming__8D0F1DF5-F375-4F8B-840E-9F532C559CA4_");
        auto request = recorded(name);
        // Another server gave the session its id.
        for (auto& header : request.headers) {
            if (header.first == "BITS-Session-Id") header.second = session;
        }
        auto const answer = connection.request(request.method, request.target, request.headers, request.body);
        CHECK(answer.status == row.status);
        CHECK(answer.header("bits-packet-type") == "Ack");
        CHECK(answer.header("bits-received-content-range") == row.received);
        CHECK(answer.header("bits-error-code") == row.error);
        CHECK(answer.header("bits-error") == row.error);
        CHECK(answer.header("bits-error-context") == (row.error.empty() ? "" : "0x5"));
        if (answer.status != 200) continue;
        if (row.packet.ends_with("Create-Session")) session = answer.header("bits-session-id");
        if (row.packet.ends_with("Fragment")) bytes += as_chars(request.body);
    }
    auto const uploads = lab.directory() / "files" / "uploads";
    auto const kept = std::filesystem::directory_iterator(uploads);
    REQUIRE(kept != std::filesystem::directory_iterator());
    CHECK(read_text(kept->path()) == bytes);
}

TEST_CASE("every recorded message gets through decoding") {
    Lab lab;
    std::size_t count = 0;
    for (auto const& file : std::filesystem::recursive_directory_iterator(test_data("captures"))) {
        auto const name =
            std::filesystem::relative(file.path(), test_data("captures")).replace_extension().string();
        if (file.path().extension() != ".bin" || name.find("CCM_POST") == std::string::npos) continue;
        if (file.file_size() == 0 || name.find("windowsauth") != std::string::npos) continue;
        INFO(name);
        ++count;
        CHECK(replay(lab, name).status == 200);
    }
    CHECK(count >= 20);
    for (auto const& entry : lab.quarantine()) {
        // Their SMSIDs are another server's, so most are refused; but as messages, not as noise.
        INFO(entry.endpoint << " " << entry.detail);
        if (entry.detail.find("encrypted") != std::string::npos) continue; // to another server's key
        CHECK(entry.reason != "Malformed");
        CHECK(entry.reason != "SchemaViolation");
    }
}

TEST_CASE("recorded boot media are answered once their certificate is known, for an hour") {
    Lab lab;
    lab.clock().set(parse_iso_time("2026-11-23T00:30:00Z").value());
    std::string const name = "pxethief/02-CCM_POST_ccm_system_request-MP_PolicyManager";
    auto const media = [&lab](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {POINTMAN_BINARY, "media"});
        arguments.insert(arguments.end(), {"--lab", lab.directory().string(), "--json"});
        return run(arguments);
    };

    CHECK(replay(lab, name).body.empty());
    CHECK(lab.quarantine().at(0).reason == "UnknownClient");

    auto const certificate = test_data("captures/pxethief/media-certificate.pem").string();
    auto const added = boost::json::parse(media({"add", "--certificate", certificate}).out).as_object();
    CHECK(added.at("name").as_string() == "OSD Media Cert");
    auto const id = std::to_string(added.at("media_id").to_number<int>());
    CHECK(xml_of(replay(lab, name)).find("<ReplyAssignments") != std::string::npos);
    CHECK(lab.log("MP_Policy").find("asked by boot medium 'OSD Media Cert'") != std::string::npos);

    // The token is of 00:09:45.
    lab.clock().set(parse_iso_time("2026-11-23T01:10:00Z").value());
    CHECK(replay(lab, name).body.empty());
    CHECK(lab.quarantine().at(0).reason == "BadSignature");

    lab.clock().set(parse_iso_time("2026-11-23T00:30:00Z").value());
    CHECK(media({"remove", id}).exit_code == 0);
    CHECK(media({"remove", id}).exit_code == 1);
    CHECK(media({"list"}).out == "[]\n");
    CHECK(replay(lab, name).body.empty());
}

TEST_CASE("the empty answer can be a header alone, for clients that loop on nothing") {
    Lab lab({"security.empty_reply=header"});
    auto const response = replay(lab, "sdk/39-CCM_POST_ccm_system_request-StatusReceiver");
    CHECK(response.status == 200);
    auto const reply = wire::decode_reply(response.header("content-type"), response.body);
    REQUIRE(reply.has_value());
    CHECK(reply->xml.empty());
    CHECK(reply->header.has_value());
}

} // namespace pointman::test
