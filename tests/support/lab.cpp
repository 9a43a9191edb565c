// SPDX-License-Identifier: Apache-2.0
#include "tests/support/lab.hpp"

#include "base/time.hpp"

#include <stdexcept>

namespace pointman::test {

namespace {

/// The keys of the program's first lab: later ones take them over, since making keys is slow.
std::filesystem::path shared_keys() {
    static TemporaryDirectory const directory;
    return directory.path() / "pki";
}

void take_over_keys(std::filesystem::path const& pki) {
    if (std::filesystem::exists(shared_keys())) std::filesystem::copy(shared_keys(), pki);
}

void keep_keys(std::filesystem::path const& pki) {
    if (!std::filesystem::exists(shared_keys())) std::filesystem::copy(pki, shared_keys());
}

} // namespace

Lab::Lab(std::vector<std::string> sets)
    : clock_(parse_iso_time("2026-11-23T10:00:00Z").value()) {
    sets.insert(sets.begin(), {"http.listen=[\"127.0.0.1:0\"]", "https.listen=[\"127.0.0.1:0\"]"});
    auto settings = config::load({{}, sets, {}, directory_.path()});
    if (!settings) throw std::runtime_error(settings.error().front().message);
    settings_ = std::move(*settings);
    take_over_keys(settings_.pki);
    start_app();
    keep_keys(settings_.pki);
}

void Lab::start_app() {
    AppOptions options;
    options.lab = true;
    options.console = false;
    options.threads = 2;
    auto app = App::start(settings_, clock_, options);
    if (!app) throw std::runtime_error(describe(app.error()));
    app_ = std::move(*app);
}

void Lab::stop() {
    settings_.http_listen = app_->addresses().http;
    settings_.https_listen = app_->addresses().https;
    app_.reset();
}

void Lab::start() {
    start_app();
}

HttpConnection Lab::http() const {
    return HttpConnection::plain(app_->addresses().http.front());
}

HttpConnection Lab::local() const {
    return HttpConnection::plain(app_->addresses().local.string());
}

HttpConnection Lab::https(std::string const& credentials) const {
    return HttpConnection::tls(app_->addresses().https.front(), app_->addresses().ca.string(), "localhost",
                               credentials);
}

std::string Lab::log(std::string_view name) const {
    auto const file = settings_.log.directory / (std::string(name) + ".log");
    return std::filesystem::exists(file) ? read_text(file) : std::string();
}

std::vector<db::QuarantineEntry> Lab::quarantine() {
    return store().read([](db::Session& session) { return db::Quarantine(session).list(); }).value();
}

} // namespace pointman::test
