// SPDX-License-Identifier: Apache-2.0
#include "db/clients.hpp"
#include "tests/unit/db/support.hpp"

#include <cstdio>
#include <filesystem>

namespace pointman::db::test {

namespace {

/// What `sqlite3 -json DATABASE QUERY` prints.
std::string ask_command_line(std::filesystem::path const& database, std::string const& query) {
    auto const command = "sqlite3 -batch -readonly -json '" + database.string() + "' \"" + query + "\" 2>&1";
    std::unique_ptr<FILE, int (*)(FILE*)> const pipe(::popen(command.c_str(), "r"),
                                                     ::pclose); // NOLINT(cert-env33-c)
    REQUIRE(pipe);
    std::string text;
    for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get()))
        text.push_back(static_cast<char>(c));
    return text;
}

} // namespace

TEST_CASE("v_R_System is readable with sqlite3 while the store is open", "[db][views]") {
    TemporaryDirectory const directory;
    auto const path = directory.path() / "pointman.db";
    auto const store = open_store(options_for(path));
    Client client{.id = ClientId::parse("5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3").value()};
    client.name = "PRESS042";
    client.fqdn = "press042.plant.example";
    client.agent_version = "4.00.6487.2000";
    client.hardware_id = "2:4711";
    client.discovery = {{"InternetFlag", "0"}, {"SMBIOSID", "4C4C4544-0042"}};
    client.first_seen = at("2026-01-02T03:04:05.678Z");
    client.last_seen = at("2026-01-03T00:00:00.000Z");
    Client device{.id = ClientId::parse("5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B4").value()};
    device.name = "HANDHELD";
    device.agent_type = 3;
    device.first_seen = client.last_seen;
    device.last_seen = client.last_seen;
    for (auto const* const each : {&client, &device}) {
        required(store->write_and_wait(
            [&](Transaction& transaction) { return Clients::insert(transaction, *each); }));
    }
    CHECK(
        ask_command_line(path, "SELECT * FROM v_R_System ORDER BY ResourceID") ==
        R"([{"ResourceID":16777217,"Name0":"PRESS042","Netbios_Name0":"PRESS042","Resource_Domain_OR_Workgr0":null,)"
        R"("Full_Domain_Name0":null,"SMS_Unique_Identifier0":"GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3",)"
        R"("Client0":1,"Client_Type0":1,"Client_Version0":"4.00.6487.2000","Active0":1,"Obsolete0":0,)"
        R"("Operating_System_Name_and0":null,"User_Name0":null,"User_Domain0":null,"Hardware_ID0":"2:4711",)"
        R"("SMBIOS_GUID0":"4C4C4544-0042","SID0":null,"Distinguished_Name0":null,)"
        R"("Creation_Date0":"2026-01-02T03:04:05.678Z","Last_Logon_Timestamp0":null,"AD_Site_Name0":null},)"
        "\n"
        R"({"ResourceID":16777218,"Name0":"HANDHELD","Netbios_Name0":"HANDHELD","Resource_Domain_OR_Workgr0":null,)"
        R"("Full_Domain_Name0":null,"SMS_Unique_Identifier0":"GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B4",)"
        R"("Client0":1,"Client_Type0":3,"Client_Version0":"","Active0":1,"Obsolete0":0,)"
        R"("Operating_System_Name_and0":null,"User_Name0":null,"User_Domain0":null,"Hardware_ID0":null,)"
        R"("SMBIOS_GUID0":null,"SID0":null,"Distinguished_Name0":null,)"
        R"("Creation_Date0":"2026-01-03T00:00:00.000Z","Last_Logon_Timestamp0":null,"AD_Site_Name0":null}])"
        "\n");
}

} // namespace pointman::db::test
