// SPDX-License-Identifier: Apache-2.0
// The sample, the references and the table of settings are one thing.
#include "config/settings.hpp"
#include "config/table.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <fstream>
#include <regex>
#include <set>

using namespace pointman;
using namespace pointman::config;

namespace {

Settings load_text(std::string const& text) {
    test::TemporaryDirectory const directory;
    auto const file = directory.path() / "sample.toml";
    std::ofstream(file) << text;
    auto const loaded = load({.file = file, .sets = {}, .environment = {}, .lab = {}});
    if (!loaded) FAIL(loaded.error().at(0).place << ": " << loaded.error().at(0).message);
    return *loaded;
}

/// All settings as text, so that two of them can be compared as a whole.
std::vector<std::string> shown(Settings const& s) {
    auto const joined = [](auto const& paths) {
        std::string text;
        for (auto const& path : paths) text += path.string() + ",";
        return text;
    };
    auto const number = [](auto value) { return std::to_string(static_cast<std::uint64_t>(value)); };
    auto const seconds = [](std::chrono::seconds value) { return std::to_string(value.count()); };
    return {s.site.code,
            number(s.site.mode),
            s.site.host,
            fmt::format("{}", fmt::join(s.http_listen, ",")),
            fmt::format("{}", fmt::join(s.https_listen, ",")),
            s.local_socket.string(),
            joined(s.tls.certificate),
            joined(s.tls.private_key),
            number(s.tls.profile),
            number(s.tls.client_certificates),
            joined(s.tls.client_ca),
            joined(s.tls.crl),
            number(s.tls.crl_check),
            number(s.security.auto_approve),
            number(s.security.require_signature),
            number(s.security.empty_reply),
            s.security.keytab.string(),
            s.security.ntlm_users.string(),
            number(s.security.min_key_bits),
            number(s.security.max_key_bits),
            number(s.limits.max_connections),
            number(s.limits.max_connections_per_address),
            seconds(s.limits.handshake_timeout),
            seconds(s.limits.header_timeout),
            seconds(s.limits.body_timeout),
            seconds(s.limits.idle_timeout),
            number(s.limits.max_body),
            number(s.limits.max_inflated),
            number(s.limits.max_in_flight),
            s.storage.database.string(),
            s.storage.files.string(),
            s.pki.string(),
            number(s.quarantine.max_bytes),
            number(s.quarantine.max_days),
            s.log.directory.string(),
            s.log.level,
            number(s.log.max_size),
            number(s.log.max_history),
            number(s.max_report_size.discovery),
            number(s.max_report_size.hardware_inventory),
            number(s.max_report_size.software_inventory),
            number(s.max_report_size.file_collection),
            number(s.hardware_inventory.history_days),
            number(s.file_collection.revisions),
            number(s.file_collection.max_file),
            number(s.file_collection.max_cycle),
            number(s.status.milestone_days),
            number(s.status.detail_days),
            number(s.status.audit_days),
            number(s.status.nt_event_days),
            number(s.uploads.enabled),
            number(s.uploads.max_size),
            number(s.uploads.max_bytes),
            number(s.uploads.max_sessions),
            number(s.uploads.max_sessions_per_address),
            number(s.uploads.session_days),
            number(s.uploads.finished_days),
            number(s.relay.missing_age.count()),
            seconds(s.relay.check_interval),
            number(s.relay.history_days),
            number(s.relay.max_idmif)};
}

struct MadeFile {
    char const* file;
    std::string (*make)();
};
constexpr std::array made_files{MadeFile{"config/pointman.toml", sample_file},
                                MadeFile{"config/REFERENCE.md", reference_markdown},
                                MadeFile{"packaging/man/pointman.toml.5", reference_man}};

} // namespace

TEST_CASE("each setting has one key, one variable, a sentence and a table of its own kind", "[config]") {
    std::set<std::string> keys;
    std::set<std::string> variables;
    std::set<std::string> tables;
    std::string_view table;
    for (auto const& setting : settings_table()) {
        INFO(setting.key);
        CHECK(std::regex_match(std::string(setting.key), std::regex("[a-z_]+\\.[a-z_]+")));
        CHECK(keys.insert(std::string(setting.key)).second);
        CHECK(variables.insert(environment_name(setting)).second);
        CHECK(setting.about.ends_with('.'));
        CHECK(find_setting(setting.key) == &setting);
        if (setting.table() != table) CHECK(tables.insert(std::string(setting.table())).second);
        table = setting.table();
    }
    CHECK(find_setting("site") == nullptr);
}

TEST_CASE("the sample loads to the defaults", "[config]") {
    auto const defaults = load({.file = {}, .sets = {"site.code=PS1"}, .environment = {}, .lab = {}});
    REQUIRE(defaults.has_value());
    auto const sample = sample_file();
    CHECK(shown(load_text(sample)) == shown(*defaults));

    SECTION("and so do its commented settings") {
        static std::regex const commented("(^|\n)#([a-z_]+ = )");
        auto const all = std::regex_replace(sample, commented, "$1$2");
        auto const uncommented = std::ranges::count(sample, '#') - std::ranges::count(all, '#');
        CHECK(uncommented == static_cast<std::ptrdiff_t>(settings_table().size()) - 1); // all but site.code
        CHECK(shown(load_text(all)) == shown(*defaults));
    }
}

TEST_CASE("files made from the table of settings are up to date", "[config]") {
    for (auto const& [file, make] : made_files) {
        INFO(file << " differs from the table of settings; make it anew with: unit_config '[make]'");
        CHECK(test::read_text(test::source_file(file)) == make());
    }
}

// Hidden: runs only when asked for by its tag.
TEST_CASE("make the files anew", "[.][make]") {
    for (auto const& [file, make] : made_files) {
        std::ofstream out(test::source_file(file), std::ios::binary);
        REQUIRE(out << make());
    }
}
