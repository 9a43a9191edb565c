// SPDX-License-Identifier: Apache-2.0
// Hardware inventory of a client over HTTP, what the operator sees of it, and the full report that the site
// asks for when one was lost.
#include "base/time.hpp"
#include "tests/integration/daemon.hpp"
#include "tests/integration/program.hpp"
#include "tests/support/process.hpp"
#include "tests/support/test_client.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace pointman::test {

namespace {

using namespace std::chrono_literals;

constexpr auto hardware_action =
    "<InventoryAction ActionType=\"Predefined\"><InventoryActionID>{00000000-0000-0000-0000-000000000001}"
    "</InventoryActionID><Description>Hardware</Description><InventoryActionLastUpdateTime>"
    "20261101120000.000000+000</InventoryActionLastUpdateTime></InventoryAction>";

std::string disk(std::string_view content, std::string_view device, std::string_view free_space) {
    return fmt::format(
        R"(<Instance ParentClass="Win32_LogicalDisk" Class="Win32_LogicalDisk" )"
        R"(Namespace="\\PC1\root\cimv2" Content="{}"><Win32_LogicalDisk><DeviceID>{}</DeviceID>)"
        "<FreeSpace>{}</FreeSpace></Win32_LogicalDisk></Instance>",
        content, device, free_space);
}

/// A registered client with its connection.
struct Agent {
    explicit Agent(Lab const& lab)
        : connection(lab.http()) {
        client.register_with(connection);
    }

    void report(std::string_view type, std::string_view version, std::string_view instances) {
        auto const response = TestClient::send(
            connection, client.message("MP_HinvEndpoint", client.report("Inventory Data", hardware_action,
                                                                        instances, version, type)));
        REQUIRE(response.status == 200);
    }

    std::string ask_for_policy() {
        auto const request = fmt::format(
            "<RequestAssignments SchemaVersion=\"1.00\" ACK=\"false\" RequestType=\"Full\"><Identification>"
            "<Machine><ClientID>{}</ClientID><FQDN>pc1.lab</FQDN><NetBIOSName>PC1</NetBIOSName><SID "
            "/></Machine>"
            "<User /></Identification><PolicySource>SMS:LAB</PolicySource><Resource ResourceType=\"Machine\" "
            "/>"
            "<ServerCookie></ServerCookie></RequestAssignments>",
            client.id().text());
        return TestClient::invoke(connection, client.message("MP_PolicyManager", request));
    }

    TestClient client{"PC1", test_key(0)};
    HttpConnection connection;
};

/// The latest first.
std::string reasons(Lab& lab) {
    std::string text;
    for (auto const& entry : lab.quarantine()) text += entry.reason + " ";
    return text;
}

} // namespace

TEST_CASE("full and delta over HTTP, and what the operator reads of them") {
    Lab lab;
    Agent agent(lab);
    agent.report("Full", "1.0", disk("New", "C:", "100") + disk("New", "D:", "7"));
    lab.clock().advance(24h);
    agent.report("Delta", "1.1", disk("Updated", "C:", "90") + disk("Deleted", "D:", "7"));

    auto const now = told(lab, {"inventory", "show", "PC1"});
    CHECK(boost::json::serialize(now) == R"({"Win32_LogicalDisk":[{"DeviceID":"C:","FreeSpace":"90"}]})");
    CHECK(told(lab, {"inventory", "show", agent.client.id().text(), "--class", "win32_logicaldisk"}) == now);
    CHECK(told(lab, {"inventory", "show", "PC1", "--class", "Win32_BIOS"}).as_object().empty());

    auto const first = iso_time_ms(lab.clock().now() - 24h);
    CHECK(boost::json::serialize(told(lab, {"inventory", "show", "PC1", "--at", first})) ==
          R"({"Win32_LogicalDisk":[{"DeviceID":"C:","FreeSpace":"100"},{"DeviceID":"D:","FreeSpace":"7"}]})");
    CHECK(told(lab, {"inventory", "show", "PC1", "--at", "2001-01-01"}).as_object().empty());

    auto const history =
        told(lab, {"inventory", "show", "PC1", "--history"}).at("Win32_LogicalDisk").as_array();
    REQUIRE(history.size() == 2);
    auto const& changed = history[0].at("revisions").at(1);
    CHECK(changed.at("since").as_string() == iso_time_ms(lab.clock().now()));
    CHECK(changed.at("until").is_null());
    CHECK(boost::json::serialize(changed.at("changed")) == R"({"FreeSpace":["100","90"]})");
    CHECK(history[1].at("revisions").at(0).at("deleted").as_bool());

    auto const classes = told(lab, {"inventory", "classes"}).as_array();
    REQUIRE(classes.size() == 1);
    CHECK(boost::json::serialize(classes[0]) ==
          R"({"class":"Win32_LogicalDisk","view":"v_GS_LOGICAL_DISK","instances":1})");

    // For people.
    CHECK(pointman(lab, {"inventory", "show", "PC1"}).out ==
          "Win32_LogicalDisk\n  DeviceID   C:\n  FreeSpace  90\n\n");
    auto const people = pointman(lab, {"inventory", "show", "PC1", "--history"}).out;
    CHECK(people.find("FreeSpace: \"100\" -> \"90\"") != std::string::npos);
    CHECK(people.find("deleted") != std::string::npos);
    CHECK(pointman(lab, {"inventory", "classes"}).out.find("v_GS_LOGICAL_DISK") != std::string::npos);

    CHECK(pointman(lab, {"inventory", "show", "PC1", "--class", "Win32_BIOS"}).out ==
          "nothing of that has been reported\n");

    auto const unknown = pointman(lab, {"inventory", "show", "PC9"});
    CHECK(unknown.exit_code == 1);
    CHECK(unknown.err.find("PC9") != std::string::npos);
    CHECK(pointman(lab, {"inventory", "show", "PC1", "--at", "noon"}).exit_code == 2);
    CHECK(pointman(lab, {"inventory", "show", "PC1", "--at", first, "--history"}).exit_code == 2);
}

TEST_CASE("a discovery record becomes the resource") {
    Lab lab;
    Agent agent(lab);
    auto const before = told(lab, {"inventory", "resource", "PC1"});
    CHECK(before.at("discovered").is_null());
    CHECK(before.at("Resource_Domain_OR_Workgr0").is_null());
    constexpr auto action = "<InventoryAction ActionType=\"Predefined\"><InventoryActionID>"
                            "{00000000-0000-0000-0000-000000000003}</InventoryActionID><Description>Discovery"
                            "</Description><InventoryActionLastUpdateTime>20261101120000.000000+000"
                            "</InventoryActionLastUpdateTime></InventoryAction>";
    auto const record = agent.client.report(
        "Inventory Data", action,
        "<Instance Content=\"New\" Class=\"CCM_ComputerSystem\"><CCM_ComputerSystem><Domain>LAB</Domain>"
        "</CCM_ComputerSystem></Instance><Instance Content=\"New\" Class=\"V\"></Instance>");
    auto const response = TestClient::send(agent.connection, agent.client.message("MP_DdrEndpoint", record));
    REQUIRE(response.status == 200);
    CHECK(reasons(lab) == "UnusableInstance ");
    auto const resource = told(lab, {"inventory", "resource", "PC1"});
    CHECK(text_of(resource, "Resource_Domain_OR_Workgr0") == "LAB");
    CHECK(text_of(resource, "discovered") == iso_time_ms(lab.clock().now()));
    CHECK(boost::json::serialize(resource.at("discovery")) == R"({"CCM_ComputerSystem":[{"Domain":"LAB"}]})");
    auto const people = pointman(lab, {"inventory", "resource", "PC1"}).out;
    CHECK(people.find("Resource_Domain_OR_Workgr0  LAB\n") != std::string::npos);
    CHECK(people.find("\nCCM_ComputerSystem\n  Domain  LAB\n") != std::string::npos);
}

TEST_CASE("a lost delta leads to one request of a full report, which goes when that comes") {
    Lab lab;
    Agent agent(lab);
    agent.report("Full", "1.0", disk("New", "C:", "100"));
    CHECK(agent.ask_for_policy().find("InventoryAction") == std::string::npos);

    agent.report("Delta", "1.2", disk("Updated", "C:", "80"));
    CHECK(reasons(lab) == "DeltaMismatch ");
    CHECK(lab.log("MP_Hinv").find("is asked for a full report: DeltaMismatch") != std::string::npos);
    agent.report("Delta", "1.3", disk("Updated", "C:", "70"));
    CHECK(reasons(lab) == "ResyncPending DeltaMismatch ");

    auto const resyncs = told(lab, {"inventory", "resyncs"}).as_array();
    REQUIRE(resyncs.size() == 1);
    CHECK(text_of(resyncs[0], "smsid") == agent.client.id().text());
    CHECK(text_of(resyncs[0], "reason") == "DeltaMismatch");
    CHECK(text_of(resyncs[0], "action") == "{00000000-0000-0000-0000-000000000001}");
    CHECK(pointman(lab, {"inventory", "resyncs"}).out.find("DeltaMismatch  PC1") != std::string::npos);

    auto const policy = agent.ask_for_policy();
    auto const category = policy.find("InventoryAction");
    REQUIRE(category != std::string::npos);
    CHECK(policy.find("InventoryAction", category + 1) == std::string::npos);

    agent.report("Full", "2.0", disk("New", "C:", "70"));
    CHECK(told(lab, {"inventory", "resyncs"}).as_array().empty());
    CHECK(agent.ask_for_policy().find("InventoryAction") == std::string::npos);
    agent.report("Delta", "2.1", disk("Updated", "C:", "60"));
    CHECK(told(lab, {"inventory", "show", "PC1"}).at("Win32_LogicalDisk").at(0).at("FreeSpace") == "60");
}

TEST_CASE("what was left out of a report is in the quarantine, and so is a report that was refused") {
    Lab lab;
    Agent agent(lab);
    agent.report("Full", "1.0",
                 disk("New", "C:", "100") + R"(<Instance Class="V" Content="New"></Instance>)");
    REQUIRE(reasons(lab) == "UnusableInstance ");
    CHECK(lab.quarantine().front().detail.find("no element V inside") != std::string::npos);
    CHECK(lab.quarantine().front().line == 1);
    CHECK(told(lab, {"inventory", "show", "PC1"}).at("Win32_LogicalDisk").as_array().size() == 1);

    // Put through again it is the report that was loaded last: there is nothing to do, and the entry is
    // closed.
    auto const id = std::to_string(lab.quarantine().front().id);
    CHECK(pointman(lab, {"quarantine", "replay", id}).exit_code == 0);
    CHECK(told(lab, {"inventory", "show", "PC1"}).at("Win32_LogicalDisk").as_array().size() == 1);

    // Too early a delta is acceptable once the one before it has come.
    agent.report("Delta", "1.2", disk("Updated", "C:", "80"));
    auto const early = std::to_string(lab.quarantine().front().id);
    CHECK(pointman(lab, {"quarantine", "replay", early}).exit_code == 1);
    agent.report("Full", "1.1", disk("New", "C:", "90"));
    CHECK(pointman(lab, {"quarantine", "replay", early}).exit_code == 0);
    CHECK(told(lab, {"inventory", "show", "PC1"}).at("Win32_LogicalDisk").at(0).at("FreeSpace") == "80");
}

TEST_CASE("software of a client over HTTP, and what the operator reads of it") {
    Lab lab;
    Agent agent(lab);
    auto const file = [](std::string_view content, std::string_view name, std::string_view product) {
        return fmt::format(
            R"(<Instance Class="FileSystemFile" Content="{}"><FileSystemFile><CompanyName>{}</CompanyName>)"
            "<FileVersion>1.2</FileVersion><LastWriteDate>20091204101530.000000+000</LastWriteDate>"
            "<Name>{}</Name><Path>C:\\Tools\\</Path><ProductName>{}</ProductName><Size>10</Size>"
            "</FileSystemFile></Instance>",
            content, product.empty() ? "" : "Tidewater", name, product);
    };
    auto const report = [&agent](std::string_view type, std::string_view version, std::string const& files) {
        auto const text = agent.client.report(
            "Inventory Data",
            "<InventoryAction ActionType=\"Predefined\"><InventoryActionID>"
            "{00000000-0000-0000-0000-000000000002}</InventoryActionID><Description>Software</Description>"
            "</InventoryAction>",
            files, version, type);
        REQUIRE(TestClient::send(agent.connection, agent.client.message("MP_SinvEndpoint", text)).status ==
                200);
    };
    report("Full", "1.0",
           file("New", "b.exe", "Tools") + file("New", "a.exe", "") + file("New", "", "Tools"));
    CHECK(reasons(lab) == "UnusableInstance ");

    auto const files = told(lab, {"inventory", "software", "PC1"}).as_array();
    REQUIRE(files.size() == 2);
    CHECK(text_of(files[0], "file_name") == "a.exe");
    CHECK(files[0].at("product_id") == 0);
    CHECK(text_of(files[1], "file_path") == "C:\\Tools\\");
    CHECK(text_of(files[1], "company_name") == "Tidewater");
    CHECK(text_of(files[1], "reported") == iso_time_ms(lab.clock().now()));
    CHECK(files[1].at("file_size") == 10);
    auto const products = told(lab, {"inventory", "software", "PC1", "--products"}).as_array();
    REQUIRE(products.size() == 1);
    CHECK(text_of(products[0], "product_name") == "Tools");
    CHECK(products[0].at("files") == 1);

    report("Delta", "1.1", file("Deleted", "a.exe", ""));
    CHECK(pointman(lab, {"inventory", "software", "PC1"}).out ==
          "SIZE  VERSION  FILE\n10    1.2      C:\\Tools\\b.exe\n");
    CHECK(pointman(lab, {"inventory", "software", "PC1", "--products"}).out ==
          "FILES  VERSION  PRODUCT  COMPANY\n1               Tools    Tidewater\n");
    CHECK(lab.log("MP_Sinv").find("Inv-Sinv: 0 added, 0 changed, 1 removed, 0 as they were") !=
          std::string::npos);
    CHECK(pointman(lab, {"inventory", "software", "PC9"}).exit_code == 1);

    report("Delta", "1.3", "");
    auto const resyncs = told(lab, {"inventory", "resyncs"}).as_array();
    REQUIRE(resyncs.size() == 1);
    CHECK(text_of(resyncs[0], "action") == "{00000000-0000-0000-0000-000000000002}");
    CHECK(agent.ask_for_policy().find("InventoryAction") != std::string::npos);
}

TEST_CASE("files of a client over HTTP, and copies of them for the operator") {
    Lab lab;
    Agent agent(lab);
    auto const report = [&agent](std::string_view type, std::string_view version, std::string const& files,
                                 std::vector<std::string> const& bytes) {
        auto request = agent.client.message(
            "MP_SinvCollFileEndpoint",
            agent.client.report("FILECOLL",
                                "<FileCollectionAction><FileCollectionActionID>"
                                "{00000000-0000-0000-0000-000000000010}</FileCollectionActionID>"
                                "<Description>File Collection</Description></FileCollectionAction>",
                                files, version, type));
        for (auto const& each : bytes)
            request.attachments.push_back({std::to_string(request.attachments.size() + 1), to_bytes(each)});
        REQUIRE(TestClient::send(agent.connection, request).status == 200);
    };
    auto const file = [](std::string_view content, int id, std::string_view name) {
        return fmt::format("<CollectedFile Content=\"{}\" ID=\"{}\"><LastWriteDate>20260101000000.000000+000"
                           "</LastWriteDate><Name>{}</Name><Path>..\\..\\</Path></CollectedFile>",
                           content, id, name);
    };
    CHECK(std::filesystem::status(lab.settings().storage.files).permissions() ==
          std::filesystem::perms::owner_all);
    // A large one goes over a worker.
    std::string const large(300'000, 'x');
    report("Full", "1.0", file("New", 1, "../a b") + file("New", 2, "large.bin"), {"first", large});
    report("Delta", "1.1", file("Updated", 1, "../a b"), {std::string("second\0", 7)});
    report("Delta", "1.2", file("New", 1, "huge"), {std::string(1'000'001, 'y')});

    auto const files = told(lab, {"inventory", "files", "PC1"}).as_array();
    REQUIRE(files.size() == 4);
    CHECK(text_of(files[0], "file_name") == "../a b");
    CHECK(files[0].at("revision_id") == 1);
    CHECK(files[1].at("revision_id") == 2);
    CHECK(files[1].at("file_size") == 7);
    CHECK(text_of(files[0], "collection_date") == iso_time_ms(lab.clock().now()));
    CHECK(files[0].at("saved").is_null());
    CHECK(read_text(text_of(files[0], "local_file_path")) == "first");
    CHECK(text_of(files[2], "file_name") == "huge");
    CHECK(files[2].at("sha256").is_null());
    CHECK(text_of(files[2], "remark").find("max_file") != std::string::npos);

    TemporaryDirectory const folder;
    auto const copies = folder.path() / "new" / "copies";
    auto const saved = told(lab, {"inventory", "files", "PC1", "--save", copies.string()}).as_array();
    CHECK(text_of(saved[0], "saved") == copies / "0001-r1-.._a_b");
    CHECK(read_text(copies / "0001-r1-.._a_b") == "first");
    CHECK(read_text(copies / "0002-r2-.._a_b") == std::string("second\0", 7));
    CHECK(saved[2].at("saved").is_null());
    CHECK(read_text(copies / "0004-r1-large.bin") == large);
    // Nothing is written over.
    auto const again = pointman(lab, {"inventory", "files", "PC1", "--save", copies.string()});
    CHECK(again.exit_code == 1);
    CHECK(again.err.find("0001-r1-") != std::string::npos);

    auto const people = pointman(lab, {"inventory", "files", "PC1"}).out;
    CHECK(people.find("REVISION") != std::string::npos);
    CHECK(people.find("..\\..\\large.bin") != std::string::npos);
    CHECK(people.find("huge: truncated by policy") != std::string::npos);
}

TEST_CASE("a refused collection of files that is put through again keeps its files where the daemon does") {
    Lab lab;
    Agent agent(lab);
    auto const send = [&agent](std::string_view type, std::string_view version, std::string const& bytes) {
        auto request = agent.client.message(
            "MP_SinvCollFileEndpoint",
            agent.client.report("FILECOLL",
                                "<FileCollectionAction><FileCollectionActionID>"
                                "{00000000-0000-0000-0000-000000000010}</FileCollectionActionID>"
                                "<Description>File Collection</Description></FileCollectionAction>",
                                "<CollectedFile Content=\"New\" ID=\"1\"><Name>f</Name><Path>C:\\</Path>"
                                "</CollectedFile>",
                                version, type));
        request.attachments.push_back({"1", to_bytes(bytes)});
        REQUIRE(TestClient::send(agent.connection, request).status == 200);
    };
    send("Delta", "1.1", "later");
    REQUIRE(reasons(lab) == "NoBaseline ");
    send("Full", "1.0", "first");
    std::filesystem::remove_all(lab.settings().storage.files); // what the refused one has left there too
    auto const id = std::to_string(lab.quarantine().front().id);
    // With nothing but the name of the database, from another directory.
    TemporaryDirectory const elsewhere;
    auto const replayed =
        run({"/bin/sh", "-c",
             "cd " + elsewhere.path().string() + " && " + POINTMAN_BINARY + " quarantine replay " + id +
                 " --db " + lab.settings().storage.database.string()});
    CHECK(replayed.exit_code == 0);
    CHECK(std::filesystem::is_empty(elsewhere.path()));
    auto const files = told(lab, {"inventory", "files", "PC1"}).as_array();
    REQUIRE(files.size() == 2);
    CHECK(read_text(text_of(files[1], "local_file_path")) == "later");
}

TEST_CASE("IDMIF files of a client over HTTP: one bad among them, and what the operator reads") {
    Lab lab;
    Agent agent(lab);
    auto const widget = [](std::string_view asset, std::string_view hall) {
        return fmt::format(
            "//Architecture<Widget>\n//UniqueId<{0}>\nStart Component\n Name = \"Hall\"\n"
            " Start Group\n  Name = \"Widget\"\n  ID = 1\n  Class = \"Acme|WIDGET|1.0\"\n  Key = 1\n"
            "  Start Attribute\n   Name = \"Asset Number\"\n   ID = 1\n   Type = String(10)\n"
            "   Value = \"{0}\"\n  End Attribute\n"
            "  Start Attribute\n   Name = \"Hall\"\n   ID = 2\n   Type = Integer\n   Value = {1}\n"
            "  End Attribute\n End Group\nEnd Component\n",
            asset, hall);
    };
    auto const report = [&agent](std::string_view endpoint, std::vector<std::string> const& mifs) {
        std::string files;
        for (std::size_t i = 1; i <= mifs.size(); ++i)
            files += fmt::format("<CollectedFile Content=\"New\" ID=\"{}\"/>", i);
        auto request = agent.client.message(
            endpoint,
            agent.client.report("IDMIF",
                                "<FileCollectionAction><FileCollectionActionID>"
                                "{00000000-0000-0000-0000-000000000011}</FileCollectionActionID>"
                                "<Description>File Collection</Description></FileCollectionAction>",
                                files + fmt::format("<CollectedFileSum>{}</CollectedFileSum>", mifs.size())));
        if (endpoint == "MP_RelayEndpoint") request.header.properties.push_back({"FileType", "IDMIF"});
        for (auto const& mif : mifs)
            request.attachments.push_back({std::to_string(request.attachments.size() + 1), to_bytes(mif)});
        REQUIRE(TestClient::send(agent.connection, request).status == 200);
    };
    report("MP_RelayEndpoint", {widget("1414", "\"eleven\""), widget("1515", "12")});

    auto const entries = told(lab, {"quarantine", "list"}).as_array();
    REQUIRE(entries.size() == 1);
    CHECK(text_of(entries[0], "reason") == "BadMif");
    CHECK(text_of(entries[0], "endpoint") == "MP_RelayEndpoint");
    CHECK(text_of(entries[0], "client") == agent.client.id().text());
    CHECK(text_of(entries[0], "detail") == "file 1: expected a number, found the text \"eleven\"");
    CHECK(entries[0].at("line") == 20);
    CHECK(entries[0].at("column") == 12);
    auto const raw = pointman(lab, {"quarantine", "show", "1", "--raw"}).out;
    CHECK(raw.size() == static_cast<std::size_t>(entries[0].at("size").as_int64())); // the whole message

    auto const log = lab.log("MP_Relay");
    for (std::string_view const line :
         {"Mp Message Handler: FileType=IDMIF", "Relay: Received 2 attachments",
          "Relay: left out: BadMif: file 1: expected a number, found the text \"eleven\" (line 20, column "
          "12)",
          "Relay: 1 of 2 attachments successfully processed",
          "Relay: 1 instances added, 0 changed, 0 as they were", "Inv-Relay: Task completed successfully"}) {
        INFO(line);
        CHECK(log.find(line) != std::string::npos);
    }

    auto const sql = [&lab](std::string const& query) {
        return run({"sqlite3", "-readonly", lab.settings().storage.database.string(), query}).out;
    };
    CHECK(sql("SELECT Asset_Number0, Hall0, AgentID FROM v_GS_WIDGET") == "1515|12|11\n");
    lab.clock().advance(1h);
    report("MP_SinvCollFileEndpoint", {widget("1515", "13")});
    CHECK(lab.log("MP_SinvCollFile").find("SinvCollFile: 0 instances added, 1 changed") != std::string::npos);
    CHECK(sql("SELECT Hall0 FROM v_GS_WIDGET") == "13\n");
    CHECK(sql("SELECT Hall0, RevisionID FROM v_HS_WIDGET") == "12|1\n");

    auto const shown = told(lab, {"inventory", "show", "PC1", "--class", "widget"}).at("WIDGET").as_array();
    REQUIRE(shown.size() == 1);
    CHECK(text_of(shown[0], "Asset Number") == "1515");
    CHECK(text_of(shown[0], "Hall") == "13");
    auto const states = told(lab, {"inventory", "show", "PC1", "--history"}).at("WIDGET").as_array();
    CHECK(states.at(0).at("revisions").as_array().size() == 2);
    CHECK(pointman(lab, {"inventory", "classes"}).out.find("WIDGET") != std::string::npos);
    CHECK(told(lab, {"inventory", "resyncs"}).as_array().empty());

    // 10 MB of comments: too large, and the daemon goes on.
    std::string comments;
    while (comments.size() < 10'000'000) comments += "// nothing to see\n";
    report("MP_RelayEndpoint", {comments, widget("1616", "14")});
    CHECK(lab.quarantine().front().reason == "ExceedSizeLimit");
    CHECK(lab.log("MP_Relay").find("are more than relay.max_idmif (250000)") != std::string::npos);
    CHECK(sql("SELECT count(*) FROM v_GS_WIDGET") == "2\n");
}

TEST_CASE("the daemon sweeps files that nobody names, the second time that it sees them") {
    TemporaryDirectory const directory;
    auto const shelf = directory.path() / "lab" / "files" / "2C";
    auto const stray = shelf / "2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824";
    std::filesystem::create_directories(shelf);
    std::ofstream(stray) << "hello";
    auto const marks = [&directory] {
        return run({"sqlite3", Daemon::database_in(directory.path()).string(),
                    "SELECT count(*) FROM unused_content"})
            .out;
    };
    auto const deadline = std::chrono::steady_clock::now() + 30s;
    for (std::string_view const expected : {"1\n", "0\n"}) { // it looks when it starts
        Daemon daemon(directory.path());
        while (marks() != expected && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
        CHECK(marks() == expected);
        CHECK(std::filesystem::exists(stray) == (expected == "1\n"));
        daemon.process().signal(SIGTERM);
        CHECK(daemon.process().wait() == 0);
    }
}

TEST_CASE("reports of one client in parallel end as if one came after another") {
    Lab lab;
    Agent agent(lab);
    constexpr int senders = 8;
    std::vector<std::jthread> threads;
    for (int i = 0; i < senders; ++i) {
        threads.emplace_back([&lab, &agent, i] {
            auto connection = lab.http();
            auto const text = agent.client.report("Inventory Data", hardware_action,
                                                  disk("New", "C:", std::to_string(i)) +
                                                      disk("New", "D:", std::to_string(i)),
                                                  fmt::format("{}.0", i + 1), "Full");
            TestClient::send(connection, agent.client.message("MP_HinvEndpoint", text));
        });
    }
    threads.clear();
    auto const disks =
        told(lab, {"inventory", "show", "PC1", "--history"}).at("Win32_LogicalDisk").as_array();
    REQUIRE(disks.size() == 2);
    for (auto const& each : disks) CHECK(each.at("revisions").as_array().size() == senders);
    auto const now = told(lab, {"inventory", "show", "PC1"}).at("Win32_LogicalDisk").as_array();
    CHECK(now.at(0).at("FreeSpace") == now.at(1).at("FreeSpace"));
}

} // namespace pointman::test
