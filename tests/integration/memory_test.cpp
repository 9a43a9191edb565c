// SPDX-License-Identifier: Apache-2.0
// What a report of 5 MB costs the daemon in memory, from the socket to the commit: at most four times its
// size, inside its message or uploaded before it.
#include "tests/integration/daemon.hpp"
#include "tests/support/bits_client.hpp"
#include "tests/support/test_client.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace pointman::test {

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr bool counts = false; // the sanitizer keeps what was freed
#elif defined(__SANITIZE_THREAD__)
constexpr bool counts = false;
#else
constexpr bool counts = true;
#endif

constexpr double slack = 24; // MB that threads and caches may take besides

/// A line of /proc/PID/status, in MB.
double memory_of(Process const& process, std::string_view line) {
    std::ifstream status(fmt::format("/proc/{}/status", process.id()));
    for (std::string text; std::getline(status, text);) {
        if (text.starts_with(line)) return std::stod(text.substr(line.size())) * 1024 / 1e6;
    }
    throw std::runtime_error("no such line: " + std::string(line));
}

struct Kind {
    std::string endpoint;
    std::string content;
    std::string action;
    std::string (*entry)(int number);
};

std::string inventory_action(std::string_view digits) {
    return fmt::format(
        "<InventoryAction ActionType=\"Predefined\"><InventoryActionID>"
        "{{00000000-0000-0000-0000-00000000{}}}</InventoryActionID><Description>D</Description>"
        "</InventoryAction>",
        digits);
}

std::string service(int number) {
    return fmt::format(
        "<Instance ParentClass=\"Win32_Service\" Class=\"Win32_Service\" "
        "Namespace=\"\\\\WS\\root\\cimv2\" Content=\"New\"><Win32_Service><Name>Service{0}</Name>"
        "<DisplayName>Display name of service {0}</DisplayName><PathName>"
        "C:\\Windows\\system32\\svchost.exe -k group{0}</PathName><StartMode>Auto</StartMode>"
        "<State>Running</State></Win32_Service></Instance>",
        number);
}

std::string file(int number) {
    return fmt::format(
        "<Instance ParentClass=\"FileSystemFile\" Class=\"FileSystemFile\" Content=\"New\"><FileSystemFile>"
        "<CompanyName>Tidewater Software AB</CompanyName><FileDescription>Library {0}</FileDescription>"
        "<FileVersion>9.2.{0}.0</FileVersion><LastWriteDate>20091204101530.000000+000</LastWriteDate>"
        "<Name>library{0}.dll</Name><Path>C:\\Program Files\\Tidewater\\Harbour\\</Path><ProductLanguage>1033"
        "</ProductLanguage><ProductName>Harbour</ProductName><ProductVersion>9.2</ProductVersion><Size>{0}</"
        "Size>"
        "</FileSystemFile></Instance>",
        number);
}

std::string collected(int number) {
    return fmt::format(
        "<CollectedFile Content=\"New\"><LastWriteDate>20100322163005.000000+000</LastWriteDate>"
        "<Name>file{0}</Name><Path>C:\\Windows\\System32\\drivers\\etc\\</Path><Size>0</Size>"
        "</CollectedFile>",
        number);
}

HttpResponse deliver(Daemon const& daemon, wire::OutgoingRequest request, bool is_uploaded) {
    auto connection = HttpConnection::plain(daemon.address());
    if (!is_uploaded) return TestClient::send(connection, std::move(request));
    request.compress = false; // for the most that an upload can cost
    auto const halves = halves_of(std::move(request));
    BitsClient(HttpConnection::plain(daemon.address()), halves.id).upload(halves.payload);
    return send_post(connection, halves);
}

} // namespace

TEST_CASE("a report of 5 MB costs at most four times its size") {
    auto const kind = GENERATE(
        values<Kind>({{"MP_HinvEndpoint", "Inventory Data", inventory_action("0001"), service},
                      {"MP_SinvEndpoint", "Inventory Data", inventory_action("0002"), file},
                      {"MP_DdrEndpoint", "Inventory Data", inventory_action("0003"), service},
                      {"MP_SinvCollFileEndpoint", "FILECOLL",
                       "<FileCollectionAction><FileCollectionActionID>{00000000-0000-0000-0000-000000000010}"
                       "</FileCollectionActionID><Description>D</Description></FileCollectionAction>",
                       collected}}));
    bool const is_uploaded = GENERATE(false, true);
    CAPTURE(kind.endpoint, is_uploaded);
    TemporaryDirectory const directory;
    Daemon daemon(directory.path());
    auto connection = HttpConnection::plain(daemon.address());
    TestClient client("WS-0417", test_key(0));
    client.register_with(connection);
    auto const send = [&](std::size_t characters, std::string_view version) {
        std::string entries;
        for (int i = 0; entries.size() < characters; ++i) entries += kind.entry(i);
        auto const report = client.report(kind.content, kind.action, entries, version, "Full");
        CHECK(deliver(daemon, client.message(kind.endpoint, report), is_uploaded).status == 200);
        return static_cast<double>(2 * report.size()) / 1e6;
    };
    send(1'000, "1.0");
    auto const before = memory_of(daemon.process(), "VmRSS:");
    auto const size = send(2'470'000, "2.0");
    auto const peak = memory_of(daemon.process(), "VmHWM:");
    WARN(
        fmt::format("{}: {:.1f} MB, {:.1f} MB before, {:.1f} MB at most", kind.endpoint, size, before, peak));
    CHECK(size > 4.9);
    if (counts) CHECK(peak - before < 4 * size + slack);
    auto const refused =
        run({"sqlite3", Daemon::database_in(directory.path()).string(), "SELECT count(*) FROM quarantine"});
    CHECK(refused.out == "0\n");
}

} // namespace pointman::test
