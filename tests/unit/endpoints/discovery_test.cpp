// SPDX-License-Identifier: Apache-2.0
// Discovery records (ddr.md): what becomes of the resource.
#include "db/clients.hpp"
#include "db/discovery.hpp"
#include "tests/unit/endpoints/inventory_report.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <stdexcept>

using namespace pointman;
using namespace pointman::test;
using endpoints::Note;

namespace {

constexpr auto monday = "20100315081522.734000+060";
constexpr auto tuesday = "20100316081522.734000+060";
constexpr auto monday_elsewhere = "20100315071522.734000+000"; // the same moment

std::string record(std::string_view type, std::string_view date, std::string_view instances,
                   std::string_view smsid = workstation) {
    return report_of_action("0003", type, "1.0", instances, date, smsid);
}

struct Desk : Bench {
    Desk() { enroll(workstation); }

    endpoints::Reply take(std::string text, std::string_view smsid = workstation) {
        auto reply = deliver(Draft{"MP_DdrEndpoint", std::string(smsid), std::move(text)});
        if (!reply) throw std::runtime_error(describe(reply.error()));
        return std::move(*reply);
    }
    std::string ask(std::string const& query) { return test::ask(*this, query); }
    std::string column(std::string const& name) { return ask("SELECT " + name + " FROM v_R_System"); }
};

std::string sample_record(std::string const& name) {
    return sample("ddr/valid/discovery_report." + name + ".xml");
}

std::string client_class(std::string_view version) {
    return instance_xml({"New", "CCM_Client", {{"ClientVersion", {std::string(version)}}}});
}
std::string domain(std::string_view content, std::string_view name) {
    return instance_xml({std::string(content), "CCM_ComputerSystem", {{"Domain", {std::string(name)}}}});
}

} // namespace

TEST_CASE("the classes of a heartbeat fill the resource") {
    struct Row {
        std::string property;
        ReportedInstance instance;
        std::string query;
        std::string answer;
    };
    auto const row = GENERATE(values<Row>({
        {"domain",
         {"New", "CCM_ComputerSystem", {{"Domain", {"NORDHOLM"}}}},
         "SELECT Resource_Domain_OR_Workgr0 FROM v_R_System",
         "NORDHOLM\n"},
        {"version",
         {"New", "CCM_Client", {{"ClientVersion", {"4.00.6487.2000"}}}},
         "SELECT Client_Version0 FROM v_R_System",
         "4.00.6487.2000\n"},
        {"site",
         {"New", "SMS_Authority", {{"Name", {"SMS:NH1"}}}},
         "SELECT SMS_Assigned_Sites0 FROM v_RA_System_SMSAssignedSites",
         "NH1\n"},
        {"empty class",
         {"New", "SMS_Authority", {}},
         "SELECT count(*) FROM v_RA_System_SMSAssignedSites",
         "0\n"},
        {"AD site",
         {"New", "CCM_ADSiteInfo", {{"ADSiteName", {"Nordholm-HQ"}}}},
         "SELECT AD_Site_Name0 FROM v_R_System",
         "Nordholm-HQ\n"},
        {"name",
         {"New", "CCM_ExtNetworkAdapterConfiguration", {{"FQDN", {"ws-0417.nordholm.example"}}}},
         "SELECT Resource_Names0 FROM v_RA_System_ResourceNames",
         "ws-0417.nordholm.example\n"},
        {"GUID",
         {"New", "Win32_ComputerSystemProduct", {{"UUID", {"4C4C4544"}}}},
         "SELECT SMBIOS_GUID0 FROM v_R_System",
         "4C4C4544\n"},
        {"system",
         {"New", "CCM_DiscoveryData", {{"PlatformID", {"Microsoft Windows NT Workstation 6.1"}}}},
         "SELECT Operating_System_Name_and0 FROM v_R_System",
         "Microsoft Windows NT Workstation 6.1\n"},
        {"subnets",
         {"New", "CCM_NetworkAdapterConfiguration", {{"IPSubnet", {"10.20.30.0", "192.168.56.0"}}}},
         "SELECT IP_Subnets0 FROM v_RA_System_IPSubnets ORDER BY 1",
         "10.20.30.0\n192.168.56.0\n"},
        {"addresses",
         {"New", "Win32_NetworkAdapterConfiguration", {{"IPAddress", {"10.20.30.41", "fe80::1"}}}},
         "SELECT IP_Addresses0 FROM v_RA_System_IPAddresses ORDER BY 1",
         "10.20.30.41\nfe80::1\n"},
        {"MAC",
         {"New", "Win32_NetworkAdapterConfiguration", {{"MACAddress", {"00:1E:C9:3A:51:D2"}}}},
         "SELECT MAC_Addresses0 FROM v_RA_System_MACAddresses",
         "00:1E:C9:3A:51:D2\n"},
        {"class and property in another case",
         {"new", "ccm_computersystem", {{"DOMAIN", {"NORDHOLM"}}}},
         "SELECT Resource_Domain_OR_Workgr0 FROM v_R_System",
         "NORDHOLM\n"},
        {"resource class",
         {"updated", "sms_r_system", {{"MACAddress", {"00:16:3E:2B:7A:41"}}}},
         "SELECT MAC_Addresses0 FROM v_RA_System_MACAddresses",
         "00:16:3E:2B:7A:41\n"},
        {"header",
         {"New", "V", {}},
         "SELECT Name0, Netbios_Name0, Client0, Client_Type0 FROM v_R_System",
         "WS-0417|WS-0417|1|1\n"},
        {"unknown class",
         {"New", "Vendor_Thing", {{"Name", {"n"}}}},
         "SELECT class_name, name, value FROM discovery_property",
         "Vendor_Thing|Name|n\n"},
    }));
    CAPTURE(row.property);
    Desk desk;
    desk.take(record("Full", monday, instance_xml(row.instance)));
    CHECK(desk.ask(row.query) == row.answer);
}

TEST_CASE("the record of a real client's library") {
    Desk desk;
    desk.take(replaced(sample_record("2007_style"), "<ClientType>1", "<ClientType>3"));
    CHECK(desk.column("Client_Type0") == "3\n");
    CHECK(desk.column("SMS_Unique_Identifier0") == std::string(workstation) + "\n");
}

TEST_CASE("without a record the registration counts") {
    Desk desk;
    CHECK(desk.column("Name0, Client0, Client_Type0, Resource_Domain_OR_Workgr0") == "WS-0417|1|1|\n");
}

TEST_CASE("which record counts") {
    struct Row {
        std::string name;
        std::string type;
        std::string date;
        std::string instances;
        std::string domain;
        std::string version;
    };
    auto const row = GENERATE(values<Row>({
        {"full: what it lacks goes", "Full", tuesday, domain("New", "B"), "B\n", "\n"},
        {"without a type it is full", "", tuesday, domain("New", "B"), "B\n", "\n"},
        {"delta: the rest stays", "Delta", tuesday, domain("Updated", "B"), "B\n", "1.0\n"},
        {"delta: deleted", "delta", tuesday, domain("deleted", "A"), "\n", "1.0\n"},
        {"delta: nothing", "Delta", tuesday, "", "A\n", "1.0\n"},
        {"the same moment", "Full", monday_elsewhere, domain("New", "B"), "B\n", "\n"},
        {"a time that nobody can read", "Full", "today", domain("New", "B"), "B\n", "\n"},
        {"older", "Full", "20100314081522.734000+060", domain("New", "B"), "A\n", "1.0\n"},
        {"older delta", "Delta", "20100314081522.734000+060", domain("deleted", "A"), "A\n", "1.0\n"},
    }));
    CAPTURE(row.name);
    Desk desk;
    desk.take(record("Full", monday, domain("New", "A") + client_class("1.0")));
    auto const reply = desk.take(record(row.type, row.date, row.instances));
    CHECK(desk.column("Resource_Domain_OR_Workgr0") == row.domain);
    CHECK(desk.column("Client_Version0") == row.version);
    CHECK(noted(reply, Note::Kind::info, "it is left") == row.name.starts_with("older"));
}

TEST_CASE("several instances of a class are kept apart") {
    Desk desk;
    auto const adapter = [](std::string const& index, std::string const& address) {
        return instance_xml(
            {"New", "Win32_NetworkAdapterConfiguration", {{"IPAddress", {address}}, {"Index", {index}}}});
    };
    desk.take(record("Full", monday, adapter("1", "10.0.0.1") + adapter("2", "10.0.0.2")));
    auto const classes = desk.store().read([](db::Session& session) {
        return db::Discoveries(session).classes(ClientId::parse(workstation).value());
    });
    REQUIRE(classes->size() == 1);
    REQUIRE(classes->front().instances.size() == 2);
    CHECK(classes->front().instances[1] ==
          db::InventoryProperties{{"IPAddress", {"10.0.0.2"}}, {"Index", {"2"}}});
}

TEST_CASE("a name that another client has is a conflict of both") {
    Desk desk;
    constexpr auto other = "GUID:5D7C1B2E-04A9-4F6B-9C33-7E21A0B8D654";
    desk.enroll(other, "PRESS042");
    auto const reply = desk.take(replaced(record("Full", monday, "", other), "WS-0417", "ws-0417"), other);
    CHECK(noted(reply, Note::Kind::warning, "claim the name ws-0417"));
    for (auto const* const smsid : {workstation.data(), other}) {
        auto const client = desk.store().read([smsid](db::Session& session) {
            return db::Clients(session).find(ClientId::parse(smsid).value());
        });
        CHECK((*client)->conflicts.size() == 1);
    }
}

TEST_CASE("a record with an instance that cannot be used") {
    auto const strict = GENERATE(false, true);
    Desk desk;
    if (strict) desk.settings().discovery.mode = config::ReportMode::strict;
    auto const text = record("Full", monday, domain("New", "A") + R"(<Instance Class="V" Content="New"/>)");
    auto const reply = desk.deliver(Draft{"MP_DdrEndpoint", std::string(workstation), text});
    if (strict) {
        CHECK(refusal_of(reply) == "UnusableInstance");
        CHECK(desk.column("Resource_Domain_OR_Workgr0") == "\n");
    } else {
        REQUIRE(reply.has_value());
        REQUIRE(reply->unusable_part);
        CHECK(reply->unusable_part->code == Code::unusable_instance);
        CHECK(desk.column("Resource_Domain_OR_Workgr0") == "A\n");
    }
}
