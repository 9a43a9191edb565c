// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "config/settings.hpp"
#include "config/table.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <sys/un.h>
#include <unistd.h>

namespace pointman::config {

namespace {

namespace fs = std::filesystem;

std::string machine_name() {
    std::array<char, 256> name{};
    // Nothing sensible can be done about a failure, and an empty host would make unusable replies.
    return ::gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0' ? name.data() : "localhost";
}

class Loader {
public:
    explicit Loader(Source const& source)
        : source_(source) {}

    std::expected<Settings, std::vector<Fault>> load() {
        defaults();
        if (auto const file = settings_file(); !file.empty()) read_file(file);
        for (auto const& [name, value] : source_.environment) read_variable(name, value);
        for (auto const& set : source_.sets) read_set(set);
        if (!unreadable_) finish();
        if (!faults_.empty()) return std::unexpected(std::move(faults_));
        return std::move(settings_);
    }

private:
    void fault(std::string place, std::string message) {
        faults_.push_back({std::move(place), std::move(message)});
    }

    void defaults() {
        auto const directory =
            source_.lab.empty() ? fs::path{} : fs::absolute(source_.lab).lexically_normal();
        for (auto const& setting : settings_table()) {
            std::string_view text = setting.standard;
            if (!source_.lab.empty() && !setting.lab.empty()) text = setting.lab;
            if (text.empty()) continue;
            // The defaults are constants of ours, which a test loads: neither step can fail.
            auto const parsed = toml::parse(fmt::format("v = {}", text));
            auto value = convert(setting, *parsed.get("v")).value();
            if (auto* const path = std::get_if<std::string>(&value);
                path != nullptr && path->starts_with("DIR/")) {
                *path = (directory / path->substr(4)).string();
            }
            setting.assign(settings_, value);
        }
    }

    fs::path settings_file() const {
        if (!source_.file.empty() || source_.lab.empty()) return source_.file;
        auto const file = source_.lab / "pointman.toml";
        std::error_code ignored;
        return fs::exists(file, ignored) ? file : fs::path{};
    }

    // ---- the file ----

    void read_file(fs::path const& file) {
        std::error_code error;
        std::ifstream in(file, std::ios::binary);
        std::ostringstream text;
        if (fs::is_directory(file, error)) {
            errno = EISDIR;
        } else if (in && (in.peek() == std::ifstream::traits_type::eof() || text << in.rdbuf())) {
            return read_text(file, text.str());
        }
        unreadable_ = true;
        fault(file.string(), fmt::format("cannot be read: {}", std::strerror(errno)));
    }

    void read_text(fs::path const& file, std::string const& text) {
        try {
            auto const table = toml::parse(text, file.string());
            std::vector<Entry> entries;
            flatten(table, "", entries);
            std::ranges::sort(entries, {}, &Entry::position); // faults come in the order of the file
            for (auto const& entry : entries) read_entry(file, entry);
        } catch (toml::parse_error const& error) {
            unreadable_ = true;
            fault(place(file, error.source().begin), fmt::format("not TOML: {}", error.description()));
        }
    }

    /// A key with its value: a setting, or what is none.
    struct Entry {
        std::string key;
        toml::source_position position; ///< of the key
        toml::node const* node;
    };

    static void flatten(toml::table const& table, std::string const& prefix, std::vector<Entry>& entries) {
        for (auto const& [name, node] : table) {
            auto const key = prefix + std::string(name.str());
            auto const* const inner = node.as_table();
            if (inner == nullptr || inner->empty() || find_setting(key) != nullptr) {
                entries.push_back({key, name.source().begin, &node});
            } else {
                flatten(*inner, key + ".", entries);
            }
        }
    }

    static std::string place(fs::path const& file, toml::source_position const& where) {
        return fmt::format("{}:{}:{}", file.string(), where.line, where.column);
    }

    void read_entry(fs::path const& file, Entry const& entry) {
        if (auto const* const setting = find_setting(entry.key)) {
            return take(*setting, *entry.node, place(file, entry.node->source().begin), file.parent_path());
        }
        bool const empty_table = entry.node->is_table();
        if (!is_table(entry.key)) {
            fault(place(file, entry.position),
                  empty_table ? unknown_table(entry.key) : unknown_key(entry.key));
        } else if (!empty_table) {
            fault(place(file, entry.position), fmt::format("{0} is a table: write [{0}]", entry.key));
        }
    }

    static bool is_table(std::string_view name) {
        return std::ranges::find(settings_table(), name, &Setting::table) != settings_table().end();
    }

    // ---- the environment and --set ----

    void read_variable(std::string const& name, std::string const& text) {
        std::vector<std::string> names;
        for (auto const& setting : settings_table()) {
            names.push_back(environment_name(setting));
            if (names.back() == name) return take_text(setting, text, name);
        }
        std::vector<std::string> lower(names.size()); // `nearest` compares in lower case
        std::ranges::transform(names, lower.begin(), [](auto const& known) { return to_lower(known); });
        std::vector<std::string_view> const views(lower.begin(), lower.end());
        auto const near = nearest(name, views);
        if (!near.empty()) {
            fault(name, fmt::format("unknown variable '{}': did you mean '{}'?", name, to_upper(near)));
        } else if (begins_like_a_table(name)) {
            fault(name, fmt::format("unknown variable '{}': no setting has this name", name));
        }
    }

    static bool begins_like_a_table(std::string_view variable) {
        return std::ranges::any_of(settings_table(), [&](Setting const& setting) {
            return variable.starts_with(fmt::format("POINTMAN_{}_", to_upper(setting.table())));
        });
    }

    void read_set(std::string const& set) {
        auto const equals = set.find('=');
        if (equals == std::string::npos) {
            return fault("--set", fmt::format("'{}' is not of the form table.key=value", set));
        }
        auto const key = trim(std::string_view(set).substr(0, equals));
        if (auto const* const setting = find_setting(key)) {
            take_text(*setting, set.substr(equals + 1), "--set");
        } else {
            fault("--set", unknown_key(key));
        }
    }

    /// A TOML value, or text without quotes. For a setting that takes text, what reads as another type was
    /// meant as text too: site.code=123.
    void take_text(Setting const& setting, std::string const& text, std::string const& place) {
        if (auto const parsed = parse_value(text)) {
            auto const& node = *parsed->get("v");
            if (takes_numbers(setting) || node.is_string() || node.is_array()) {
                return take(setting, node, place, {});
            }
        }
        toml::value<std::string> const plain(std::string(trim(text)));
        take(setting, plain, place, {});
    }

    static std::optional<toml::table> parse_value(std::string const& text) try {
        auto table = toml::parse("v = " + text);
        // A line break must not smuggle in a second key.
        if (table.size() != 1) return std::nullopt;
        return table;
    } catch (toml::parse_error const&) {
        return std::nullopt;
    }

    // ---- all of them ----

    void take(Setting const& setting, toml::node const& node, std::string const& place,
              fs::path const& directory) {
        auto value = convert(setting, node);
        if (!value) return fault(place, std::move(value.error()));
        if (setting.kind == Kind::path) resolve(std::get<std::string>(*value), directory);
        if (setting.kind == Kind::paths) {
            for (auto& path : std::get<std::vector<std::string>>(*value)) resolve(path, directory);
        }
        setting.assign(settings_, *value);
        places_[setting.key] = place;
    }

    static void resolve(std::string& path, fs::path const& directory) {
        if (!path.empty() && !directory.empty()) path = (directory / path).string(); // absolute ones stay
    }

    /// Where a setting was given, or what stands for the whole configuration.
    std::string place_of(std::string_view key) const {
        if (auto const found = places_.find(key); found != places_.end()) return found->second;
        auto const file = settings_file();
        return file.empty() ? "configuration" : file.string();
    }

    /// What one setting alone cannot show.
    void finish() {
        auto& s = settings_;
        if (s.site.host.empty()) s.site.host = machine_name();
        auto const wrong_code = [](Fault const& f) { return f.message.starts_with("site.code"); };
        if (s.site.code.empty() && std::ranges::none_of(faults_, wrong_code)) {
            fault(place_of("site.code"),
                  "site.code has to be given: three letters or digits, e.g. code = \"PS1\" in [site]");
        }
        if (s.security.min_key_bits > s.security.max_key_bits) {
            fault(place_of("security.min_key_bits"),
                  fmt::format("security.min_key_bits ({}) is more than security.max_key_bits ({})",
                              s.security.min_key_bits, s.security.max_key_bits));
        }
        if (s.tls.certificate.size() != s.tls.private_key.size()) {
            fault(place_of(s.tls.certificate.empty() ? "tls.private_key" : "tls.certificate"),
                  fmt::format("tls.certificate names {} and tls.private_key {}: one key for each certificate",
                              s.tls.certificate.size(), s.tls.private_key.size()));
        } else if (!s.https_listen.empty() && s.tls.certificate.empty() && source_.lab.empty()) {
            fault(place_of("https.listen"), "https.listen needs tls.certificate and tls.private_key");
        }
        finish_local_socket();
        finish_client_certificates();
    }

    /// A lab works without its socket, too: it may lie anywhere.
    void finish_local_socket() {
        constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1; // a NUL follows
        auto const size = settings_.local_socket.native().size();
        if (size <= longest) return;
        if (!was_given("local.socket")) {
            settings_.local_socket.clear();
            return;
        }
        fault(place_of("local.socket"),
              fmt::format("local.socket is a path of {} bytes, and a socket's has {} at most: choose a "
                          "shorter one",
                          size, longest));
    }

    bool was_given(std::string_view key) const { return places_.contains(key); }

    void finish_client_certificates() {
        auto& s = settings_;
        bool const native = s.site.mode == SiteMode::native;
        if (native && !was_given("tls.client_certificates"))
            s.tls.client_certificates = ClientCertificates::required;
        if (s.tls.client_ca.empty() && !source_.lab.empty()) s.tls.client_ca = {s.pki / "ca.pem"};
        if (s.tls.crl.empty()) s.tls.crl_check = CrlCheck::off;

        bool const required = s.tls.client_certificates == ClientCertificates::required;
        if (native && !required) {
            fault(place_of("tls.client_certificates"),
                  "site.mode = \"native\" needs tls.client_certificates = \"required\": leave the key out");
        }
        if (native && s.https_listen.empty()) {
            fault(place_of(was_given("https.listen") ? "https.listen" : "site.mode"),
                  "site.mode = \"native\" needs https.listen: clients come over TLS only");
        }
        if (s.tls.client_ca.empty() && (native || required)) {
            fault(place_of(native ? "site.mode" : "tls.client_certificates"),
                  fmt::format("{} needs tls.client_ca: the CAs whose clients are trusted",
                              native ? "site.mode = \"native\"" : "tls.client_certificates = \"required\""));
        }
    }

    Source const& source_;
    Settings settings_;
    std::vector<Fault> faults_;
    std::map<std::string_view, std::string> places_;
    bool unreadable_ = false; ///< what the file would have set is not known: what is missing cannot be told
};

} // namespace

std::expected<Settings, std::vector<Fault>> load(Source const& source) {
    return Loader(source).load();
}

} // namespace pointman::config
