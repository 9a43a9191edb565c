// SPDX-License-Identifier: Apache-2.0
#include "client/agent/local_client.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "client/agent/trace.hpp"
#include "client/inventory/machine.hpp"
#include "client/transport/failure.hpp"

namespace pointman::client::agent {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view settings_file = "settings.json";
constexpr std::size_t longest_netbios_name = 15;

Settings read_settings(boost::json::object const& kept) {
    return {.server = text_in(kept, "server"),
            .site = text_in(kept, "site"),
            .ca = text_in(kept, "ca"),
            .certificate = text_in(kept, "client_certificate"),
            .key = text_in(kept, "client_key"),
            .name = text_in(kept, "name")};
}

boost::json::object to_json(Settings const& settings) {
    return {{"server", settings.server},           {"site", settings.site},
            {"ca", settings.ca.string()},          {"client_certificate", settings.certificate.string()},
            {"client_key", settings.key.string()}, {"name", settings.name}};
}

/// What was given on the command line must be found from elsewhere, too.
void prefer(fs::path& kept, fs::path const& given) {
    if (!given.empty()) kept = fs::absolute(given);
}
void prefer(std::string& kept, std::string const& given) {
    if (!given.empty()) kept = given;
}

Settings merged(Settings kept, Settings const& given) {
    if (!given.certificate.empty()) kept.key.clear();
    prefer(kept.server, given.server);
    prefer(kept.site, given.site);
    prefer(kept.ca, given.ca);
    prefer(kept.certificate, given.certificate);
    prefer(kept.key, given.key);
    prefer(kept.name, given.name);
    return kept;
}

std::string netbios_name(Settings const& settings, fs::path const& root) {
    auto const name = settings.name.empty() ? inventory::host_name(inventory::Root(root)) : settings.name;
    return to_upper(name.empty() ? "LOCALHOST" : name.substr(0, longest_netbios_name));
}

Result<Identity> open_identity(Home const& home, Settings const& settings, std::string const& name,
                               Time now) {
    if (!settings.is_native()) return Identity::open(home.identity(), {.common_name = name, .now = now});
    auto credentials = Credentials::from_files(settings.certificate,
                                               settings.key.empty() ? settings.certificate : settings.key);
    if (!credentials) return std::unexpected(credentials.error());
    return Identity::open(home.identity(), std::move(*credentials));
}

std::function<void(Exchange const&)>
observer(ClientOptions const& options, std::shared_ptr<std::optional<Credentials>> const& credentials) {
    if (!options.trace) return {};
    return [trace = options.trace, credentials](Exchange const& exchange) {
        trace(readable(exchange, *credentials));
    };
}

ClientOptions completed(ClientOptions options) {
    if (!options.now) options.now = [] { return SystemClock().now(); };
    if (!options.tell) options.tell = [](std::string const&) {};
    return options;
}

} // namespace

LocalClient::LocalClient(ClientOptions options, Home home, Settings settings, Messaging messaging,
                         Identity identity)
    : options_(std::move(options))
    , home_(std::move(home))
    , settings_(std::move(settings))
    , messaging_(std::move(messaging))
    , identity_(std::move(identity))
    , session_{.messaging = messaging_,
               .identity = identity_,
               .host = settings_.server,
               .agent = {.netbios_name = messaging_.source_host(),
                         .fqdn = inventory::full_host_name(inventory::Root(options_.root)),
                         .program = "pointman-agent",
                         .site_code = settings_.site},
               .native = settings_.is_native(),
               .trusted_roots = settings_.ca} {}

Result<std::unique_ptr<LocalClient>> LocalClient::open(ClientOptions given) {
    auto options = completed(std::move(given));
    auto home = Home::open(options.directory);
    if (!home) return std::unexpected(home.error());
    auto const kept = home->read(settings_file);
    if (!kept) return std::unexpected(kept.error());
    auto settings = merged(read_settings(*kept), options.settings);
    if (settings.server.empty())
        return fail(
            Code::invalid_argument,
            "no management point is known here: register with --server http://HOST:PORT or --local first");
    auto const name = netbios_name(settings, options.root);
    // Known only when messaging is there already.
    auto const credentials = std::make_shared<std::optional<Credentials>>();
    auto messaging = Messaging::open({.queue = home->queue(),
                                      .deliver_in_background = false,
                                      .source_host = name,
                                      .now = options.now,
                                      .observe = observer(options, credentials)});
    if (!messaging) return std::unexpected(messaging.error());
    auto identity = open_identity(*home, settings, name, options.now());
    if (!identity) return std::unexpected(identity.error());
    *credentials = identity->credentials();
    return std::unique_ptr<LocalClient>(new LocalClient(std::move(options), std::move(*home),
                                                        std::move(settings), std::move(*messaging),
                                                        std::move(*identity)));
}

Result<void> LocalClient::remember(std::string site) {
    settings_.site = std::move(site);
    session_.agent.site_code = settings_.site;
    return home_.write(settings_file, to_json(settings_));
}

Result<void> LocalClient::require_registration() const {
    if (identity_.smsid().empty())
        return fail(Code::not_found, "this client is not registered: run pointman-agent register first");
    return {};
}

} // namespace pointman::client::agent
