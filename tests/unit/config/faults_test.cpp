// SPDX-License-Identifier: Apache-2.0
// Every fault is told with its place, what was expected, and the nearest valid key.
#include "config/settings.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <fstream>

using namespace pointman;
using namespace pointman::config;

namespace {

using Told = std::vector<std::string>;

/// "PLACE: MESSAGE" for each fault, with the file's directory left out.
Told faults_of(Source const& source) {
    Told told;
    auto const loaded = load(source);
    if (loaded) return told;
    auto const directory = source.file.parent_path().string() + "/";
    for (auto const& fault : loaded.error()) {
        auto text = fault.place + ": " + fault.message;
        if (text.starts_with(directory)) text.erase(0, directory.size());
        told.push_back(text);
    }
    return told;
}

struct Row {
    std::string name;
    std::string text;
    Told expected;
};

std::string const good_code = "site.code = \"PS1\"\n";

} // namespace

TEST_CASE("faults in a file", "[config]") {
    auto const row = GENERATE(values<Row>({
        {"no site code",
         "",
         {"c.toml: site.code has to be given: three letters or digits, e.g. code = \"PS1\" in [site]"}},
        {"empty site code",
         "site.code = \"\"",
         {"c.toml:1:13: site.code must be three letters or digits, not ''"}},
        {"two characters",
         "[site]\ncode = \"P1\"",
         {"c.toml:2:8: site.code must be three letters or digits, not 'P1'"}},
        {"umlaut",
         "site.code = \"Pü\"",
         {"c.toml:1:13: site.code must be three letters or digits, not 'Pü'"}},
        {"site code as a number",
         "site.code = 123",
         {"c.toml:1:13: site.code must be three letters or digits, not an integer"}},
        {"site as text",
         "site = \"PS1\"",
         {"c.toml:1:1: site is a table: write [site]",
          "c.toml: site.code has to be given: three letters or digits, e.g. code = \"PS1\" in [site]"}},
        {"native mode without anything it needs",
         good_code + "site.mode = \"native\"",
         {"c.toml:2:13: site.mode = \"native\" needs https.listen: clients come over TLS only",
          "c.toml:2:13: site.mode = \"native\" needs tls.client_ca: the CAs whose clients are trusted"}},
        {"native mode without TLS, and with certificates as one likes",
         good_code + "site.mode = \"native\"\nhttps.listen = []\n[tls]\nclient_ca = \"ca.pem\"\n"
                     "client_certificates = \"optional\"",
         {"c.toml:6:23: site.mode = \"native\" needs tls.client_certificates = \"required\": leave the key "
          "out",
          "c.toml:3:16: site.mode = \"native\" needs https.listen: clients come over TLS only"}},
        {"certificates of nobody required",
         good_code + "tls.client_certificates = \"required\"",
         {"c.toml:2:27: tls.client_certificates = \"required\" needs tls.client_ca: the CAs whose clients "
          "are "
          "trusted"}},
        {"unknown mode",
         good_code + "site.mode = \"mixd\"",
         {"c.toml:2:13: site.mode must be one of \"mixed\", \"native\", not 'mixd'"}},
        {"typing error in a key",
         good_code + "[log]\n  levle = \"info\"",
         {"c.toml:3:3: unknown setting 'log.levle': did you mean 'log.level'?"}},
        {"typing error in a table",
         good_code + "[htp]\nlisten = \"127.0.0.1:0\"",
         {"c.toml:3:1: unknown setting 'htp.listen': did you mean 'http.listen'?"}},
        {"capital letters",
         good_code + "Log.Level = \"info\"",
         {"c.toml:2:5: unknown setting 'Log.Level': did you mean 'log.level'?"}},
        {"right key in the wrong table",
         good_code + "[server]\nmax_inflated = 5",
         {"c.toml:3:1: unknown setting 'server.max_inflated': did you mean 'limits.max_inflated'?"}},
        {"key without a table",
         good_code + "empty_reply = \"empty\"",
         {"c.toml:2:1: unknown setting 'empty_reply': did you mean 'security.empty_reply'?"}},
        {"unlike any key of its table",
         good_code + "site.favourite_colour = \"blue\"",
         {"c.toml:2:6: unknown setting 'site.favourite_colour': 'site' has site.code, site.mode, site.host"}},
        {"unlike everything",
         good_code + "[weather]\nforecast = true",
         {"c.toml:3:1: unknown setting 'weather.forecast': the tables are site, http, https, local, tls, "
          "security, "
          "limits, "
          "storage, quarantine, log, discovery, hardware_inventory, software_inventory, file_collection, "
          "status, uploads, relay"}},
        {"unknown empty table",
         good_code + "[storrage]",
         {"c.toml:2:2: unknown table 'storrage': did you mean 'storage'?"}},
        {"longer than a socket's path may be",
         good_code + "[local]\nsocket = \"/" + std::string(107, 'x') + "\"",
         {"c.toml:3:10: local.socket is a path of 108 bytes, and a socket's has 107 at most: choose a "
          "shorter "
          "one"}},
        {"more than a size may be",
         good_code + "[relay]\nmax_idmif = \"6 MB\"",
         {"c.toml:3:13: relay.max_idmif must be bytes from 0 to 5000000, or text such as \"30 MB\" or \"64 "
          "MiB\", not '6 MB'"}},
        {"a table where a value is meant",
         "[site.code]\nx = 1",
         {"c.toml:1:1: site.code must be three letters or digits, not a table"}},
        {"text where a number is meant",
         good_code + "limits.idle_timeout = \"10\"",
         {"c.toml:2:23: limits.idle_timeout must be seconds from 1 to 86400, not the text '10'"}},
        {"a fraction",
         good_code + "limits.idle_timeout = 1.5",
         {"c.toml:2:23: limits.idle_timeout must be seconds from 1 to 86400, not a number with a fraction"}},
        {"too small",
         good_code + "limits.idle_timeout = 0",
         {"c.toml:2:23: limits.idle_timeout must be seconds from 1 to 86400, not 0"}},
        {"too large",
         good_code + "limits.idle_timeout = 86401",
         {"c.toml:2:23: limits.idle_timeout must be seconds from 1 to 86400, not 86401"}},
        {"negative",
         good_code + "log.max_history = -1",
         {"c.toml:2:19: log.max_history must be a number from 0 to 1000, not -1"}},
        {"true",
         good_code + "log.max_history = true",
         {"c.toml:2:19: log.max_history must be a number from 0 to 1000, not true or false"}},
        {"a date",
         good_code + "log.max_history = 2026-01-01",
         {"c.toml:2:19: log.max_history must be a number from 0 to 1000, not a date or time"}},
        {"a list where one value is meant",
         good_code + "log.level = [\"info\"]",
         {"c.toml:2:13: log.level must be one of \"debug\", \"info\", \"warning\", \"error\", not a list"}},
        {"an unknown choice",
         good_code + "log.level = \"Info\"",
         {"c.toml:2:13: log.level must be one of \"debug\", \"info\", \"warning\", \"error\", not 'Info'"}},
        {"a size with an unknown unit",
         good_code + "log.max_size = \"1 TB\"",
         {"c.toml:2:16: log.max_size must be bytes from 10000 to 1000000000, or text such as \"30 MB\" or "
          "\"64 MiB\", "
          "not '1 TB'"}},
        {"a size below the least",
         good_code + "log.max_size = 9999",
         {"c.toml:2:16: log.max_size must be bytes from 10000 to 1000000000, or text such as \"30 MB\" or "
          "\"64 MiB\", "
          "not 9999"}},
        {"a size beyond 64 bits",
         good_code + "log.max_size = \"99999999999999999999 GB\"",
         {"c.toml:2:16: log.max_size must be bytes from 10000 to 1000000000, or text such as \"30 MB\" or "
          "\"64 MiB\", "
          "not '99999999999999999999 GB'"}},
        {"a size that overflows with its unit",
         good_code + "log.max_size = \"18446744074 GB\"",
         {"c.toml:2:16: log.max_size must be bytes from 10000 to 1000000000, or text such as \"30 MB\" or "
          "\"64 MiB\", "
          "not '18446744074 GB'"}},
        {"an empty path",
         good_code + "storage.database = \"\"",
         {"c.toml:2:20: storage.database must be a path, not ''"}},
        {"a bad host",
         good_code + "site.host = \"http://mp/\"",
         {"c.toml:2:13: site.host must be a host name, or empty, not 'http://mp/'"}},
        {"a list with a number in it",
         good_code + "tls.certificate = [\"a.pem\", 5]\ntls.private_key = [\"a\", \"b\"]",
         {"c.toml:2:19: tls.certificate must be a path or a list of paths, not a list with an integer in it",
          "c.toml:3:19: tls.certificate names 0 and tls.private_key 2: one key for each certificate"}},
        {"HTTPS without certificates",
         good_code + "https.listen = \"127.0.0.1:443\"",
         {"c.toml:2:16: https.listen needs tls.certificate and tls.private_key"}},
        {"key sizes the wrong way round",
         good_code + "[security]\nmin_key_bits = 4096\nmax_key_bits = 2048",
         {"c.toml:3:16: security.min_key_bits (4096) is more than security.max_key_bits (2048)"}},
        {"not TOML",
         good_code + "log.level = info\n",
         {"c.toml:2:16: not TOML: Error while parsing floating-point: expected value-terminator, saw 'o'"}},
        {"all of them at once",
         "[site]\ncode = 5\nmod = \"mixed\"\n[log]\nmax_history = -1",
         {"c.toml:2:8: site.code must be three letters or digits, not an integer",
          "c.toml:3:1: unknown setting 'site.mod': did you mean 'site.mode'?",
          "c.toml:5:15: log.max_history must be a number from 0 to 1000, not -1"}},
    }));
    INFO(row.name);
    test::TemporaryDirectory const directory;
    auto const file = directory.path() / "c.toml";
    std::ofstream(file) << row.text;
    CHECK(faults_of({.file = file, .sets = {}, .environment = {}, .lab = {}}) == row.expected);
}

TEST_CASE("addresses that cannot be listened on", "[config]") {
    auto const* const bad =
        GENERATE("", "127.0.0.1", ":80", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1",
                 "127.0.0.1:8o", "256.0.0.1:80", "127.1:80", "localhost:80", "::1:80", "[::1]", "[::1:80",
                 "[127.0.0.1]:80", "[]:80", "[::g]:80", "http://127.0.0.1:80", " 127.0.0.1:80");
    INFO(bad);
    test::TemporaryDirectory const directory;
    auto const file = directory.path() / "c.toml";
    std::ofstream(file) << good_code << "http.listen = [\"127.0.0.1:80\", \"" << bad << "\"]";
    CHECK(faults_of({.file = file, .sets = {}, .environment = {}, .lab = {}}) ==
          Told{fmt::format("c.toml:2:15: http.listen must be ADDR:PORT or a list of them, such as "
                           "\"127.0.0.1:8080\" or \"[::1]:8080\", not '{}'",
                           bad)});
}

TEST_CASE("faults of --set", "[config]") {
    struct SetRow {
        std::string set;
        std::string expected;
    };
    auto const row = GENERATE(values<SetRow>({
        {"site.code", "--set: 'site.code' is not of the form table.key=value"},
        {"", "--set: '' is not of the form table.key=value"},
        {"=x", "--set: unknown setting '': the tables are site, http, https, local, tls, security, limits, "
               "storage, "
               "quarantine, log, discovery, hardware_inventory, software_inventory, file_collection, status, "
               "uploads, relay"},
        {"site.cdoe=PS1", "--set: unknown setting 'site.cdoe': did you mean 'site.code'?"},
        {"site.code=toolong", "--set: site.code must be three letters or digits, not 'toolong'"},
        {"site.mode=nativ", "--set: site.mode must be one of \"mixed\", \"native\", not 'nativ'"},
        {"local.socket=/" + std::string(107, 'x'),
         "--set: local.socket is a path of 108 bytes, and a socket's has 107 at most: choose a shorter one"},
        {"log.max_history=-1", "--set: log.max_history must be a number from 0 to 1000, not -1"},
        {"log.max_history=many",
         "--set: log.max_history must be a number from 0 to 1000, not the text 'many'"},
        // A line break must not set a second key.
        {"log.max_history=1\nw = 2",
         "--set: log.max_history must be a number from 0 to 1000, not the text '1\nw = 2'"},
    }));
    INFO(row.set);
    CHECK(faults_of({.file = {}, .sets = {row.set}, .environment = {}, .lab = "/srv/lab"}) ==
          Told{row.expected});
}

TEST_CASE("faults of the environment", "[config]") {
    struct VariableRow {
        std::pair<std::string, std::string> variable;
        std::string expected;
    };
    auto const row = GENERATE(values<VariableRow>({
        {{"POINTMAN_SITE_CODE", "x"},
         "POINTMAN_SITE_CODE: site.code must be three letters or digits, not 'x'"},
        {{"POINTMAN_SITE_COD", "PS1"},
         "POINTMAN_SITE_COD: unknown variable 'POINTMAN_SITE_COD': did you mean 'POINTMAN_SITE_CODE'?"},
        {{"POINTMAN_STIE_CODE", "PS1"},
         "POINTMAN_STIE_CODE: unknown variable 'POINTMAN_STIE_CODE': did you mean 'POINTMAN_SITE_CODE'?"},
        {{"POINTMAN_SITE_FAVOURITE_COLOUR", "blue"},
         "POINTMAN_SITE_FAVOURITE_COLOUR: unknown variable 'POINTMAN_SITE_FAVOURITE_COLOUR': no setting has "
         "this name"},
    }));
    INFO(row.variable.first);
    CHECK(faults_of({.file = {}, .sets = {}, .environment = {row.variable}, .lab = "/srv/lab"}) ==
          Told{row.expected});
}

TEST_CASE("a file that cannot be read", "[config]") {
    test::TemporaryDirectory const directory;
    auto const missing = directory.path() / "missing.toml";
    CHECK(faults_of({.file = missing, .sets = {}, .environment = {}, .lab = {}}) ==
          Told{"missing.toml: cannot be read: No such file or directory"});
    auto const folder = directory.path() / "folder.toml";
    std::filesystem::create_directory(folder);
    CHECK(faults_of({.file = folder, .sets = {"site.code=PS1"}, .environment = {}, .lab = {}}) ==
          Told{"folder.toml: cannot be read: Is a directory"});
}
