// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/body.hpp"
#include "endpoints/policy/flags.hpp"
#include "endpoints/policy/templates.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>

using namespace pointman;
using namespace endpoints::policy;

namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

PolicyTemplate const& known(std::string_view name) {
    auto const* const found = find_template(name);
    REQUIRE(found != nullptr);
    return *found;
}

std::string filled(std::string_view name, Parameters const& parameters) {
    auto const text = fill(known(name), parameters, "LAB");
    INFO((text ? "" : text.error().message));
    REQUIRE(text.has_value());
    return *text;
}

/// An instance as the client sees it; values of secret properties revealed, those of arrays joined with a
/// bar.
struct Instance {
    std::string wmi_class;
    std::map<std::string, std::string> properties;
    std::map<std::string, std::string> types;
    std::set<std::string> secrets;
};

Instance read_instance(schemas::Element const& element) {
    Instance instance{std::string(element.attribute_or("class", "")), {}, {}, {}};
    for (auto const property : element.children()) {
        std::string const name(property.attribute_or("name", ""));
        bool const secret = property.attribute_or("secret", "0") == "1";
        if (secret) instance.secrets.insert(name);
        std::string joined;
        for (auto const value : property.children()) {
            if (!joined.empty()) joined += "|";
            joined += secret ? reveal(value.text()).value() : std::string(value.text());
        }
        REQUIRE(instance.properties.emplace(name, joined).second);
        instance.types[name] = property.attribute_or("type", "");
    }
    return instance;
}

/// All instances of the body that the template gives.
std::vector<Instance> served(std::string_view name, Parameters const& parameters) {
    auto const text = filled(name, parameters);
    auto const authored = schemas::parse(as_bytes(text));
    REQUIRE(authored.has_value());
    auto const body = make_body(*authored, {});
    REQUIRE(body.has_value());
    CHECK(body->has_secrets == ((known(name).flags & flag_secret) != 0));
    auto const document = schemas::parse(body->content);
    REQUIRE(document.has_value());
    CHECK(document->root().attribute("PolicySource") == "SMS:LAB");
    std::vector<Instance> instances;
    for (auto const rule : document->root().children()) {
        CHECK(rule.name() == "PolicyRule");
        auto const action = rule.child("PolicyAction");
        REQUIRE(action.has_value());
        CHECK(action->attribute("PolicyActionType") == "WMI-XML");
        for (auto const element : action->children()) instances.push_back(read_instance(element));
    }
    return instances;
}

std::vector<Instance> of_class(std::vector<Instance> const& instances, std::string_view wmi_class) {
    std::vector<Instance> found;
    std::ranges::copy_if(instances, std::back_inserter(found),
                         [&](Instance const& instance) { return instance.wmi_class == wmi_class; });
    return found;
}

Instance only(std::vector<Instance> const& instances, std::string_view wmi_class) {
    auto const found = of_class(instances, wmi_class);
    INFO(wmi_class);
    REQUIRE(found.size() == 1);
    return found.front();
}

/// The schedule with that id.
Instance schedule(std::vector<Instance> const& instances, std::string const& id) {
    for (auto const& instance : of_class(instances, "CCM_Scheduler_ScheduledMessage"))
        if (instance.properties.at("ScheduledMessageID") == id) return instance;
    FAIL("no schedule " << id);
    return {};
}

Parameters const needed_for_program{{"package", "LAB00001"},
                                    {"program", "Install"},
                                    {"command-line", "setup.exe /q"},
                                    {"advertisement", "LAB20001"}};
std::string const steps = "<sequence version=\"3.00\">\r\n  <step name=\"a &amp; b\"/>\r\n</sequence>\r\n";
Parameters const needed_for_task_sequence{
    {"package", "LAB00002"}, {"advertisement", "LAB20002"}, {"name", "Build"}, {"sequence", steps}};

} // namespace

TEST_CASE("every template, with what it needs, is a policy", "[policy]") {
    struct Row {
        std::string name;
        Parameters needed;
        std::string category;
        std::uint32_t flags;
        std::set<std::string> classes;
    };
    std::vector<Row> const rows{
        {"client-settings",
         {},
         "ClientSettings",
         0,
         {"CCM_Scheduler_ScheduledMessage", "CCM_SoftwareMeteringClientConfig", "CCM_InventoryClientConfig",
          "CCM_HardwareInventoryClientConfig", "CCM_SoftwareInventoryClientConfig"}},
        {"collection-variables", {{"variable", "A=1"}}, "CollectionSettings", 6, {"CCM_CollectionVariable"}},
        {"file-collection",
         {{"rule", "*.ini"}},
         "FileCollectionAction",
         0,
         {"FileCollectionAction", "CollectableFileItem"}},
        {"hardware-inventory", {}, "InventoryAction", 0, {"InventoryAction", "InventoryDataItem"}},
        {"metering", {{"rule", "Word|winword.exe"}}, "SoftwareMetering", 0, {"CCM_SoftwareMeteringRule"}},
        {"naa", {{"user", "LAB\\naa"}, {"password", "p"}}, "NAAConfig", 6, {"CCM_NetworkAccessAccount"}},
        {"program", needed_for_program, "SoftwareDistribution", 0, {"CCM_SoftwareDistribution"}},
        {"resync", {{"action", "hardware"}}, "InventoryAction", 0, {"InventoryAction"}},
        {"software-inventory", {}, "InventoryAction", 0, {"InventoryAction", "InventoryDataItem"}},
        {"task-sequence", needed_for_task_sequence, "TaskSequence", 7, {"CCM_TaskSequence"}},
        {"update-source", {}, "UpdateSource", 0, {"CCM_UpdateSource", "CCM_Scheduler_ScheduledMessage"}},
    };
    std::vector<std::string> names;
    for (auto const& row : rows) {
        INFO(row.name);
        names.push_back(row.name);
        auto const& found = known(row.name);
        CHECK(found.category == row.category);
        CHECK(found.flags == row.flags);
        std::set<std::string> classes;
        for (auto const& instance : served(row.name, row.needed)) {
            classes.insert(instance.wmi_class);
            for (auto const& [name, type] : instance.types)
                CHECK(std::set<std::string>{"8", "11", "19", "101", "8200"}.contains(type));
        }
        CHECK(classes == row.classes);
        // Filled in again, it is the same policy.
        CHECK(filled(row.name, row.needed) == filled(row.name, row.needed));
        // What is required has no fallback, and each required one is missed.
        for (auto const& parameter : found.parameters) {
            CHECK_FALSE(parameter.help.empty());
            CHECK(parameter.reading != nullptr);
            if (!parameter.required) continue;
            CHECK(parameter.fallback.empty());
            auto without = row.needed;
            std::erase_if(without, [&](auto const& pair) { return pair.first == parameter.name; });
            auto const text = fill(found, without, "LAB");
            REQUIRE_FALSE(text.has_value());
            CHECK(text.error().code == Code::usage);
            CHECK(text.error().message.starts_with("the template " + row.name + " needs the parameter " +
                                                   std::string(parameter.name) + ": "));
        }
    }
    std::vector<std::string> listed;
    for (auto const& row : policy_templates()) listed.emplace_back(row.name);
    CHECK(listed == names);
    CHECK(std::ranges::is_sorted(listed));
    CHECK(find_template("NAA") == find_template("naa"));
    CHECK(find_template("nothing") == nullptr);
}

TEST_CASE("parameters that do not fit", "[policy]") {
    struct Row {
        std::string name;
        Parameters parameters;
        std::string message;
    };
    std::string const class_form = "it is not of the form NAMESPACE:CLASS:PROPERTY,PROPERTY, as in "
                                   "root\\cimv2:Win32_BIOS:Name,SerialNumber";
    auto const with = [](Parameters parameters, std::string name, std::string value) {
        parameters.emplace_back(std::move(name), std::move(value));
        return parameters;
    };
    auto const row = GENERATE_COPY(values<Row>({
        {"naa", {{"name", "x"}}, "the template naa has no parameter \"name\"; it has user, password"},
        {"naa", {{"user", "a"}, {"USER", "b"}}, "parameter user is given twice"},
        {"naa", {{"user", ""}}, "parameter user: it is empty"},
        {"naa", {{"user", "a\nb"}}, "parameter user: it has control characters"},
        {"naa", {{"user", "a\xFF"}}, "parameter user: it is not UTF-8"},
        {"collection-variables", {{"variable", "A"}}, "parameter variable: it is not of the form NAME=VALUE"},
        {"collection-variables", {{"variable", " =x"}}, "parameter variable: its name is unfit: it is empty"},
        {"collection-variables",
         {{"variable", "A=\x01"}},
         "parameter variable: the value of A is unfit: it has control characters"},
        {"client-settings",
         {{"discovery", "90m"}},
         "parameter discovery: \"90m\" is no schedule: up to 59 minutes, up to 23 hours or up to 31 whole "
         "days can "
         "be told to a client"},
        {"client-settings",
         {{"policy-polling", "off"}},
         "parameter policy-polling: \"off\" is no schedule: give a time like 30m, 12h, 7d or 2w"},
        {"hardware-inventory", {{"class", "Win32_BIOS"}}, "parameter class: " + class_form},
        {"hardware-inventory", {{"class", "root\\cimv2:Win32_BIOS"}}, "parameter class: " + class_form},
        {"hardware-inventory", {{"class", "root\\cimv2:Win32_BIOS:"}}, "parameter class: " + class_form},
        {"hardware-inventory", {{"class", "root\\cimv2:Win32_BIOS:Name,"}}, "parameter class: " + class_form},
        {"hardware-inventory", {{"class", "root\\cimv2:Win32 BIOS:Name"}}, "parameter class: " + class_form},
        {"hardware-inventory", {{"class", "root\\:Win32_BIOS:Name"}}, "parameter class: " + class_form},
        {"hardware-inventory",
         {{"report-type", "Resync"}},
         "parameter report-type: \"Resync\" is neither Full nor Delta"},
        {"hardware-inventory",
         {{"updated", "today"}},
         "parameter updated: \"today\" is no time of the form 2026-11-22T23:17:35Z"},
        {"software-inventory",
         {{"rule", "a|b|yes|no"}},
         "parameter rule: it is not of the form PATTERN|PATH|yes or no"},
        {"software-inventory",
         {{"rule", "*.exe|*|perhaps"}},
         "parameter rule: \"perhaps\" is neither yes nor no"},
        {"software-inventory",
         {{"rule", "a<b"}},
         "parameter rule: \"a<b\" has a character that no file name may have"},
        {"file-collection", {{"rule", "|C:\\"}}, "parameter rule: it is empty"},
        {"file-collection",
         {{"rule", "*.ini|C:\\|1 MB"}},
         "parameter rule: \"1 MB\" is no number from 0 to 4294967295"},
        {"file-collection",
         {{"rule", "*.ini|C:\\|4294967296"}},
         "parameter rule: \"4294967296\" is no number from 0 to 4294967295"},
        {"resync",
         {{"action", "all"}},
         "parameter action: \"all\" is none of hardware, software, discovery, files, state"},
        {"program", with(needed_for_program, "rerun", "sometimes"),
         "parameter rerun: \"sometimes\" is none of always, failed, never"},
        {"program", with(needed_for_program, "package", "LAB00002"), "parameter package is given twice"},
        {"task-sequence",
         {{"sequence", "<sequence>"}},
         "parameter sequence: it is no XML: line 1, column 11: input ended before all started tags were "
         "ended; last "
         "tag started is 'sequence'"},
        {"task-sequence",
         {{"sequence", "<steps/>"}},
         "parameter sequence: its root element is steps, not sequence"},
        {"task-sequence", {{"sequence", " \n"}}, "parameter sequence: it is empty"},
        {"update-source",
         {{"id", "wsus"}},
         "parameter id: \"wsus\" is not of the form {xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}"},
        {"metering",
         {{"rule", "winword.exe"}},
         "parameter rule: it is not of the form PRODUCT|FILE|ORIGINAL NAME|VERSION|LANGUAGE"},
        {"metering", {{"rule", "Word|"}}, "parameter rule: its file is unfit: it is empty"},
    }));
    INFO(row.name);
    auto const text = fill(known(row.name), row.parameters, "LAB");
    REQUIRE_FALSE(text.has_value());
    CHECK(text.error().code == Code::usage);
    CHECK(text.error().message == row.message);
}

TEST_CASE("the network access account", "[policy]") {
    auto const account = only(served("naa", {{"User", "LAB\\naa"}, {"PASSWORD", " p<&]]> \"'Z\xC3\xBC"}}),
                              "CCM_NetworkAccessAccount");
    CHECK(account.properties.at("NetworkAccessUsername") == "LAB\\naa");
    CHECK(account.properties.at("NetworkAccessPassword") == " p<&]]> \"'Z\xC3\xBC");
    CHECK(account.properties.at("SiteSettingsKey") == "1");
    CHECK(account.secrets == std::set<std::string>{"NetworkAccessUsername", "NetworkAccessPassword"});
}

TEST_CASE("variables of a collection", "[policy]") {
    auto const variables = served("collection-variables", {{"variable", "OSDJoinPassword=a=b"},
                                                           {"variable", "Empty="},
                                                           {"variable", "X=old"},
                                                           {"variable", " x = new"}});
    std::map<std::string, std::string> found;
    for (auto const& variable : variables) {
        found[variable.properties.at("Name")] = variable.properties.at("Value");
        CHECK(variable.secrets == std::set<std::string>{"Value"});
    }
    CHECK(found ==
          std::map<std::string, std::string>{{"OSDJoinPassword", "a=b"}, {"Empty", ""}, {"x", " new"}});
}

TEST_CASE("client settings", "[policy]") {
    auto const instances = served("client-settings", {{"hardware-inventory", "1d"},
                                                      {"software-inventory", "OFF"},
                                                      {"discovery", "58419D0000080001"},
                                                      {"file-collection", "off"},
                                                      {"metering", "off"},
                                                      {"policy-polling", "90m"}});
    auto const hardware = schedule(instances, "{00000000-0000-0000-0000-000000000001}");
    CHECK(hardware.properties.at("Triggers") == "SMSSchedule;ScheduleString=0001200000100008");
    CHECK(hardware.properties.at("TargetEndpoint") == "direct:InventoryAgent");
    CHECK(
        hardware.properties.at("TriggerMessage") ==
        "<InventoryAction ActionType=\"Predefined\"><InventoryActionID>{00000000-0000-0000-0000-000000000001}"
        "</InventoryActionID></InventoryAction>");
    CHECK(hardware.types.at("Triggers") == "8200");
    CHECK(schedule(instances, "{00000000-0000-0000-0000-000000000003}").properties.at("Triggers") ==
          "SMSSchedule;ScheduleString=58419D0000080001");
    CHECK(schedule(instances, "{00000000-0000-0000-0000-000000000021}").properties.at("Triggers") ==
          "SimpleInterval;Minutes=90;MaxRandomDelayMinutes=0");
    CHECK(of_class(instances, "CCM_Scheduler_ScheduledMessage").size() == 3);
    CHECK(only(instances, "CCM_InventoryClientConfig").properties.at("Enabled") == "TRUE");
    CHECK(only(instances, "CCM_HardwareInventoryClientConfig").properties.at("Enabled") == "TRUE");
    CHECK(only(instances, "CCM_SoftwareInventoryClientConfig").properties.at("Enabled") == "FALSE");
    CHECK(only(instances, "CCM_SoftwareMeteringClientConfig").properties.at("Enabled") == "FALSE");

    auto const usual = served("client-settings", {});
    CHECK(of_class(usual, "CCM_Scheduler_ScheduledMessage").size() == 6);
    CHECK(schedule(usual, "{00000000-0000-0000-0000-000000000010}").properties.at("TriggerMessage") ==
          "<FileCollectionAction ActionType=\"Predefined\"><FileCollectionActionID>"
          "{00000000-0000-0000-0000-000000000010}</FileCollectionActionID></FileCollectionAction>");
    CHECK(schedule(usual, "{00000000-0000-0000-0000-000000000031}").properties.at("TargetEndpoint") ==
          "direct:SWMTRReportGen");
    CHECK(schedule(usual, "{00000000-0000-0000-0000-000000000021}").properties.at("Triggers") ==
          "SimpleInterval;Minutes=60;MaxRandomDelayMinutes=0");

    // The rules for older and newer clients.
    auto const document = schemas::parse(as_bytes(filled("client-settings", {})));
    std::vector<std::string> conditions;
    std::set<std::string> ids;
    for (auto const rule : document.value().root().children()) {
        ids.emplace(rule.attribute_or("PolicyRuleID", ""));
        if (auto const condition = rule.child("Condition"))
            conditions.emplace_back(condition->child_text("Expression"));
    }
    CHECK(ids.size() == 3);
    CHECK(conditions ==
          std::vector<std::string>{"@root\\ccm\nSELECT * FROM SMS_Client WHERE ClientVersion < \"5\"",
                                   "@root\\ccm\nSELECT * FROM SMS_Client WHERE ClientVersion >= \"5\""});
}

TEST_CASE("hardware inventory", "[policy]") {
    auto const usual = served("hardware-inventory", {});
    auto const action = only(usual, "InventoryAction");
    CHECK(action.properties.at("InventoryActionID") == "{00000000-0000-0000-0000-000000000001}");
    CHECK(action.properties.at("ReportType") == "Delta");
    CHECK(action.properties.at("ReportDestination") == "mp:MP_HinvEndpoint");
    CHECK_FALSE(action.properties.contains("InventoryActionLastUpdateTime"));
    std::set<std::string> classes;
    std::set<std::string> ids;
    for (auto const& item : of_class(usual, "InventoryDataItem")) {
        CHECK(classes.insert(item.properties.at("ItemClass")).second);
        ids.insert(item.properties.at("DataItemID"));
        CHECK(item.properties.at("InventoryActionID") == "{00000000-0000-0000-0000-000000000001}");
        CHECK_FALSE(item.properties.contains("Filter"));
    }
    CHECK(ids.size() == classes.size());
    for (auto const* const name :
         {"Win32_OperatingSystem", "Win32_ComputerSystem", "Win32_BIOS", "Win32_NetworkAdapterConfiguration",
          "CCM_LogicalMemoryConfiguration", "Win32Reg_AddRemovePrograms", "SMS_InstalledSoftware"})
        CHECK(classes.contains(name));

    auto const own = served("hardware-inventory", {{"class", "root\\cimv2:Win32_BIOS:Name,SerialNumber"},
                                                   {"class", "\\\\.\\root/lab:My_Class: A , B_2"},
                                                   {"class", ":Win32_Battery:DeviceID"},
                                                   {"report-type", "full"},
                                                   {"updated", "2010-03-01T12:00:00Z"}});
    auto const items = of_class(own, "InventoryDataItem");
    REQUIRE(items.size() == 3);
    CHECK(items[0].properties.at("Namespace") == "\\\\.\\root\\cimv2");
    CHECK(items[0].properties.at("ItemClass") == "Win32_BIOS");
    CHECK(items[0].properties.at("Properties") == "Name, SerialNumber");
    CHECK(items[1].properties.at("Namespace") == "\\\\.\\root\\lab");
    CHECK(items[1].properties.at("Properties") == "A, B_2");
    CHECK(items[2].properties.at("Namespace") == "\\\\.\\root\\cimv2");
    CHECK(only(own, "InventoryAction").properties.at("ReportType") == "Full");
    CHECK(only(own, "InventoryAction").properties.at("InventoryActionLastUpdateTime") ==
          "20100301120000.000000+000");
}

TEST_CASE("software inventory", "[policy]") {
    struct Row {
        std::string rule;
        std::string skip;
        std::string filter;
    };
    std::string const skipping = " AND IsCompressed = FALSE AND IsEncrypted = FALSE";
    auto const row = GENERATE_COPY(values<Row>({
        {"*.exe", "yes", "Name = '*.exe'" + skipping},
        {"*.exe", "no", "Name = '*.exe'"},
        {"*.exe|*|no", "no", "Name = '*.exe'"},
        {"o'neill.dat | C:\\Data", "no", "Name = 'o\\'neill.dat' AND Path = 'C:\\\\Data\\\\*'"},
        {"*.exe|C:\\Data\\|no", "no", "Name = '*.exe' AND Path = 'C:\\\\Data\\\\'"},
    }));
    INFO(row.rule);
    auto const instances = served("software-inventory", {{"rule", row.rule}, {"skip-compressed", row.skip}});
    auto const item = only(instances, "InventoryDataItem");
    CHECK(item.properties.at("Filter") == row.filter);
    CHECK(item.properties.at("ItemClass") == "FileSystemFile");
    CHECK(item.properties.at("InventoryActionID") == "{00000000-0000-0000-0000-000000000002}");
    CHECK(only(instances, "InventoryAction").properties.at("Description") == "Software");
}

TEST_CASE("file collection", "[policy]") {
    auto const instances = served("file-collection", {{"rule", "*.ini"},
                                                      {"rule", "boot*.log|C:\\|1000|yes"},
                                                      {"skip-compressed", "no"},
                                                      {"max-total", "5000"}});
    auto const action = only(instances, "FileCollectionAction");
    CHECK(action.properties.at("FileCollectionActionID") == "{00000000-0000-0000-0000-000000000010}");
    CHECK(action.properties.at("CollectionType") == "Delta");
    CHECK(action.properties.at("FileDestination") == "mp:MP_SinvCollFileEndpoint");
    CHECK(action.properties.at("MaxTotalFileSize") == "5000");
    auto const items = of_class(instances, "CollectableFileItem");
    REQUIRE(items.size() == 2);
    CHECK(items[0].properties.at("FileSpec") == "*.ini");
    CHECK(items[0].properties.at("SearchPath") == "%windir%\\");
    CHECK(items[0].properties.at("MaxItemFileSize") == "131072");
    CHECK(items[0].properties.at("ScanSubdirectories") == "FALSE");
    CHECK(items[0].properties.at("ExcludeCompressedEncrypted") == "FALSE");
    CHECK(items[1].properties.at("SearchPath") == "C:\\");
    CHECK(items[1].properties.at("MaxItemFileSize") == "1000");
    CHECK(items[1].properties.at("ScanSubdirectories") == "TRUE");
    CHECK(items[0].properties.at("FileItemID") != items[1].properties.at("FileItemID"));
}

TEST_CASE("resyncs", "[policy]") {
    struct Row {
        std::string action;
        std::string id;
        std::string destination;
    };
    auto const row = GENERATE(values<Row>({
        {"hardware", "{00000000-0000-0000-0000-000000000001}", "mp:MP_HinvEndpoint"},
        {"Software", "{00000000-0000-0000-0000-000000000002}", "mp:MP_SinvEndpoint"},
        {"discovery", "{00000000-0000-0000-0000-000000000003}", "mp:MP_DdrEndpoint"},
        {"files", "{00000000-0000-0000-0000-000000000010}", "mp:MP_SinvCollFileEndpoint"},
        {"state", "{00000000-0000-0000-0000-000000000111}", "mp:MP_RelayEndpoint"},
    }));
    INFO(row.action);
    auto const instances = served("resync", {{"action", row.action}});
    auto const action = only(instances, "InventoryAction");
    CHECK(action.properties.at("InventoryActionID") == row.id);
    CHECK(action.properties.at("ReportType") == "Resync");
    CHECK(action.properties.at("ReportDestination") == row.destination);
    if (row.action == "files")
        CHECK(only(instances, "FileCollectionAction").properties.at("CollectionType") == "Resync");
    else
        CHECK(instances.size() == 1);
}

TEST_CASE("an advertised program", "[policy]") {
    auto const on_demand = served("program", needed_for_program);
    auto const program = only(on_demand, "CCM_SoftwareDistribution");
    CHECK(on_demand.size() == 1);
    CHECK(program.properties.at("PRG_CommandLine") == "setup.exe /q");
    CHECK(program.properties.at("PKG_PackageID") == "LAB00001");
    CHECK(program.properties.at("PKG_Name") == "LAB00001");
    CHECK(program.properties.at("PRG_ProgramID") == "Install");
    CHECK(program.properties.at("ADV_AdvertisementID") == "LAB20001");
    CHECK(program.properties.at("ADV_MandatoryAssignments") == "FALSE");
    CHECK(program.properties.at("ADV_RepeatRunBehavior") == "RerunIfFail");
    CHECK(program.properties.at("ADV_ActiveTime") == "20070101000000.000000+000");
    CHECK(program.types.at("ADV_ActiveTime") == "101");
    CHECK_FALSE(program.properties.contains("PRG_Requirements"));
    CHECK_FALSE(program.properties.contains("PRG_Comment"));

    auto parameters = needed_for_program;
    parameters.insert(parameters.end(),
                      {{"schedule", "1d"}, {"name", "A & B"}, {"admin", "no"}, {"rerun", "always"}});
    auto const mandatory = served("program", parameters);
    auto const run = only(mandatory, "CCM_SoftwareDistribution");
    auto const when = only(mandatory, "CCM_Scheduler_ScheduledMessage");
    auto const id = when.properties.at("ScheduledMessageID");
    CHECK(id.starts_with("LAB20001-LAB00001-"));
    CHECK(when.properties.at("TargetEndpoint") == "direct:execmgr");
    CHECK(when.properties.at("Triggers") == "SMSSchedule;ScheduleString=0001200000100008");
    CHECK(run.properties.at("PRG_Requirements") ==
          "<SWDReserved><ScheduledMessageID>" + id + "</ScheduledMessageID></SWDReserved>");
    CHECK(run.properties.at("ADV_MandatoryAssignments") == "TRUE");
    CHECK(run.properties.at("PKG_Name") == "A & B");
    CHECK(run.properties.at("PRG_PRF_RunWithAdminRights") == "FALSE");
    CHECK(run.properties.at("ADV_RepeatRunBehavior") == "RerunAlways");
}

TEST_CASE("a task sequence", "[policy]") {
    auto parameters = needed_for_task_sequence;
    parameters.insert(parameters.end(),
                      {{"boot-image", "LAB00003"}, {"reference", "LAB00004"}, {"reference", "LAB00005"}});
    auto const sequence = only(served("task-sequence", parameters), "CCM_TaskSequence");
    CHECK(sequence.properties.at("PKG_Name") == "Build");
    CHECK(sequence.properties.at("ADV_AdvertisementID") == "LAB20002");
    CHECK(sequence.properties.at("TS_BootImageID") == "LAB00003");
    CHECK(sequence.properties.at("TS_References") == "LAB00004|LAB00005");
    CHECK(sequence.secrets == std::set<std::string>{"TS_Sequence"});
    CHECK(sequence.properties.at("TS_Sequence") ==
          "<sequence version=\"3.00\">\n  <step name=\"a &amp; b\"/>\n</sequence>");
}

TEST_CASE("update sources and metering rules", "[policy]") {
    auto const instances =
        served("update-source",
               {{"id", "0C8D2E64-31AF-4F7B-B5E2-6A9C1D405F28"}, {"version", "12"}, {"schedule", "1h"}});
    auto const source = only(instances, "CCM_UpdateSource");
    CHECK(source.properties.at("UniqueId") == "{0c8d2e64-31af-4f7b-b5e2-6a9c1d405f28}");
    CHECK(source.properties.at("ContentVersion") == "12");
    CHECK(only(instances, "CCM_Scheduler_ScheduledMessage").properties.at("TargetEndpoint") ==
          "direct:ScanAgent");
    CHECK(served("update-source", {{"schedule", "off"}}).size() == 1);

    auto const rules = served(
        "metering", {{"rule", "Word|winword.exe"}, {"rule", "Calc | calc.exe | calc2.exe | 5.* | 1033"}});
    REQUIRE(rules.size() == 2);
    CHECK(rules[0].properties.at("OriginalFileName") == "winword.exe");
    CHECK(rules[0].properties.at("FileVersion") == "*");
    CHECK(rules[0].properties.at("LanguageID") == "65535");
    CHECK(rules[1].properties.at("ProductName") == "Calc");
    CHECK(rules[1].properties.at("OriginalFileName") == "calc2.exe");
    CHECK(rules[1].properties.at("FileVersion") == "5.*");
    CHECK(rules[1].properties.at("LanguageID") == "1033");
}
