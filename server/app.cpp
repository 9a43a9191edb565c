// SPDX-License-Identifier: Apache-2.0
#include "server/app.hpp"

#include "db/collected_files.hpp"
#include "db/site.hpp"
#include "db/store.hpp"
#include "db/unknown_machines.hpp"
#include "endpoints/directory.hpp"
#include "endpoints/policy/authoring.hpp"
#include "endpoints/policy/book.hpp"
#include "endpoints/policy/signatures.hpp"
#include "endpoints/relay/state_loading.hpp"
#include "schemas/validator.hpp"
#include "server/bits_server.hpp"
#include "server/figures.hpp"
#include "server/http/server.hpp"
#include "server/integrated/acceptor.hpp"
#include "server/logging.hpp"
#include "server/router.hpp"
#include "server/service/decryption.hpp"
#include "server/service/failure_limit.hpp"
#include "server/service/message_service.hpp"
#include "server/service/metrics.hpp"
#include "server/site/keys.hpp"
#include "server/site/look_ups.hpp"
#include "server/site/policy_bodies.hpp"
#include "server/tls/client_trust.hpp"
#include "server/tls/contexts.hpp"
#include "server/tls/lab_pki.hpp"
#include "server/uploads/sessions.hpp"
#include "server/windows_auth.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace pointman {

namespace asio = boost::asio;

namespace {

unsigned thread_count(unsigned wanted) {
    if (wanted != 0) return wanted;
    return std::max(2U, std::thread::hardware_concurrency());
}

/// Connections that the limit of open files leaves room for, after files, logs and the database.
std::size_t connections_from_file_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 512;
    if (limit.rlim_cur < limit.rlim_max) { // the soft limit is a courtesy; the hard one is what we may have
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
        getrlimit(RLIMIT_NOFILE, &limit);
    }
    constexpr std::size_t reserved = 128;
    constexpr std::size_t most = 100'000;
    auto const files = static_cast<std::size_t>(limit.rlim_cur);
    return std::clamp(files > reserved ? files - reserved : files / 2, std::size_t{16}, most);
}

http::Limits http_limits(config::Settings::Limits const& from) {
    http::Limits limits;
    limits.max_connections = from.max_connections != 0 ? from.max_connections : connections_from_file_limit();
    limits.max_connections_per_address =
        from.max_connections_per_address != 0 ? from.max_connections_per_address : limits.max_connections;
    limits.handshake_timeout = from.handshake_timeout;
    limits.header_timeout = from.header_timeout;
    limits.body_timeout = from.body_timeout;
    limits.idle_timeout = from.idle_timeout;
    limits.max_in_flight = from.max_in_flight;
    return limits;
}

/// Tells commands that know only the database what site it is. Returns the ids of its unknown machines.
Result<db::UnknownMachines> keep_site(db::Store& store, config::Settings const& settings,
                                      std::string const& host) {
    db::SiteRow const site{settings.site.code,
                           settings.site.mode == config::SiteMode::native ? "native" : "mixed", host,
                           std::filesystem::absolute(settings.storage.files).string()};
    return store.write_and_wait([&site](db::Transaction& transaction) -> Result<db::UnknownMachines> {
        if (auto kept = db::SiteRow::write(transaction, site); !kept) return std::unexpected(kept.error());
        return db::UnknownMachines::ensure(transaction);
    });
}

/// How soon a changed revocation list is seen.
constexpr std::chrono::seconds list_check_interval{2};

/// How long a collected file that nobody names any more stays at most twice.
constexpr std::chrono::hours sweep_interval{1};
/// Some hundred milliseconds of small writes: who comes later is better told to come again.
constexpr std::size_t most_waiting_writes = 1024;

/// How long an upload that has expired stays at most.
constexpr std::chrono::minutes upload_check_interval{1};

/// For its owner alone, where it has to be made.
Result<void> make_directory(std::filesystem::path const& path) {
    std::error_code error;
    bool const is_new = std::filesystem::create_directories(path, error);
    if (is_new && !error) std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
    if (error)
        return fail(Code::io,
                    fmt::format("cannot make the directory {}: {}", path.string(), error.message()));
    return {};
}

} // namespace

struct App::Impl {
    Impl(config::Settings given, Clock const& time, AppOptions chosen)
        : settings(std::move(given))
        , clock(time)
        , options(chosen)
        , threads(thread_count(chosen.threads))
        , workers(threads) {
        for (unsigned i = 1; i < threads; ++i) more_io.push_back(std::make_unique<asio::io_context>(1));
    }

    Result<void> open();
    Result<void> open_keys();
    Result<void> open_policy();
    Result<void> open_uploads();
    Result<void> load_site(config::Settings const& from);
    Result<void> load_signatures();
    Result<void> load_accounts(config::Settings const& from);
    Result<void> listen();
    void run_threads();
    /// What is done again and again, on a worker: it may take files and the writer.
    using Chore = void (Impl::*)();
    static asio::awaitable<void> repeat(Impl* self, Chore chore, std::chrono::seconds interval);
    static asio::awaitable<void> run_chore(Impl* self, Chore chore);
    void look_for_changed_lists();
    void sweep_files();
    void ask_for_missing_states();
    void remove_old_uploads();
    void stop();

    config::Settings settings;
    Clock const& clock;
    AppOptions options;
    unsigned threads;
    endpoints::Site site{settings, clock};
    service::FailureLimit failures{settings.limits.max_failed_authentications, clock};

    // Destroyed in reverse order: what uses something stands below it.
    std::unique_ptr<log::Logs> logs;
    log::Log control;
    asio::io_context io{1};
    std::vector<std::unique_ptr<asio::io_context>> more_io; ///< for connections; each has a thread, as io has
    asio::thread_pool workers;
    std::unique_ptr<db::Store> store;
    std::unique_ptr<tls::Contexts> tls;
    std::unique_ptr<tls::ClientTrust> trust;
    std::unique_ptr<CertificateGate> gate;
    tls::LabPki pki;
    std::atomic<std::shared_ptr<wire::EnvelopeOpener const>> opener;
    std::atomic<std::shared_ptr<site::LookUps const>> look_ups;
    std::atomic<std::shared_ptr<endpoints::policy::Signatures>> signatures; ///< null in mixed mode
    std::unique_ptr<site::PolicyBodies> policy_bodies;
    service::Metrics metrics;
    std::unique_ptr<endpoints::Directory> directory;
    std::unique_ptr<uploads::Sessions> uploads; ///< null = uploads are off
    std::unique_ptr<BitsServer> bits;           ///< likewise
    std::unique_ptr<service::MessageService> messages;
    std::unique_ptr<WindowsAuth> windows_auth;
    std::unique_ptr<Router> router;
    std::unique_ptr<http::Server> server;
    Addresses addresses;
    std::vector<std::jthread> io_threads;
    using WorkGuard = asio::executor_work_guard<asio::io_context::executor_type>;
    std::vector<WorkGuard> work; ///< contexts run although they have nothing to do
    bool stopped = false;
};

Result<void> App::Impl::open() {
    auto opened = log::Level::info;
    if (auto level = log::level_of(settings.log.level)) {
        opened = *level;
    } else {
        return std::unexpected(level.error());
    }
    auto made = log::Logs::open(
        {settings.log.directory, opened, settings.log.max_size, settings.log.max_history, options.console},
        clock);
    if (!made) return std::unexpected(made.error());
    logs = std::move(*made);
    control = logs->get("mpcontrol");

    schemas::load_embedded_schemas();
    if (auto ready = make_directory(settings.storage.database.parent_path()); !ready) return ready;
    if (auto ready = make_directory(settings.storage.files); !ready) return ready;
    db::StoreOptions store_options;
    store_options.database = settings.storage.database;
    store_options.readers = threads + 2;
    store_options.queue_capacity = most_waiting_writes;
    auto stored = db::Store::open(store_options);
    if (!stored) return std::unexpected(stored.error());
    store = std::move(*stored);

    if (auto keys = open_keys(); !keys) return keys;
    if (auto policy = open_policy(); !policy) return policy;
    if (auto opened_uploads = open_uploads(); !opened_uploads) return opened_uploads;
    directory = std::make_unique<endpoints::Directory>(site);
    wire::Decrypt const decrypt = [this](BytesView envelope) { return opener.load()->open(envelope); };
    messages = std::make_unique<service::MessageService>(service::MessageService::Parts{
        settings, *directory, *store, clock, *logs, metrics, workers.get_executor(), decrypt, site.trusts,
        uploads.get(), [this](std::uint64_t bytes) { return server->hold(bytes); }, most_waiting_writes});
    windows_auth = std::make_unique<WindowsAuth>(workers.get_executor(), failures, logs->get("MP_Framework"));
    if (auto accounts = load_accounts(settings); !accounts) return accounts;
    router = std::make_unique<Router>(Router::Parts{settings, *messages, metrics, *store, *trust, *gate,
                                                    failures, *windows_auth, look_ups,
                                                    logs->get("MP_GetAuth"), *policy_bodies, bits.get()});
    std::vector<asio::any_io_executor> executors{io.get_executor()};
    for (auto const& each : more_io) executors.emplace_back(each->get_executor());
    server = std::make_unique<http::Server>(std::move(executors), http_limits(settings.limits), clock,
                                            logs->get("MP_Framework"));
    server->set_handler(
        [routing = router.get()](http::Head const& head) { return routing->admit(head); },
        [routing = router.get()](http::Request const& request) { return routing->handle(request); });
    register_figures(metrics, server->counters(), *store);
    register_figures(metrics, failures, gate->refusals());
    return listen();
}

Result<void> App::Impl::open_keys() {
    if (auto loaded = load_site(settings); !loaded) return loaded;

    auto trusted =
        tls::ClientTrust::load(tls::trust_options(settings.tls), clock, [this](std::string_view list) {
            control.warning({}, "Client certificates pass although a revocation list could not be used: {}",
                            list);
        });
    if (!trusted) return std::unexpected(trusted.error());
    trust = std::move(*trusted);
    gate = std::make_unique<CertificateGate>(settings, *trust, failures);
    site.trusts = [judge = trust.get()](BytesView certificate) { return judge->judge(certificate); };

    tls::Options chosen{settings.tls.certificate, settings.tls.private_key, settings.tls.profile,
                        settings.tls.client_certificates != config::ClientCertificates::none};
    if (options.lab) {
        addresses.ca = pki.ca;
        if (chosen.certificates.empty()) {
            chosen.certificates = {pki.server_rsa, pki.server_p256};
            chosen.private_keys = {pki.server_rsa_key, pki.server_p256_key};
        }
    }
    if (settings.https_listen.empty()) return {};
    auto loaded = tls::Contexts::load(std::move(chosen));
    if (!loaded) return std::unexpected(loaded.error());
    tls = std::move(*loaded);
    return {};
}

/// What the policy endpoint and the pages of policy bodies share.
Result<void> App::Impl::open_policy() {
    auto const renewed = store->write_and_wait([this](db::Transaction& transaction) {
        return endpoints::policy::renew_texts(transaction, settings.site.mode);
    });
    if (!renewed) return std::unexpected(renewed.error());
    if (*renewed != 0)
        control.info({}, "{} policy assignments are told anew, as mode and version ask for", *renewed);
    site.books = std::make_shared<endpoints::policy::Books>();
    site.signatures = [this] { return signatures.load(); };
    policy_bodies = std::make_unique<site::PolicyBodies>(
        site::PolicyBodies::Parts{settings, *store, clock, *site.books, logs->get("MP_GetPolicy")});
    return {};
}

Result<void> App::Impl::open_uploads() {
    if (!settings.uploads.enabled) return {};
    auto opened = uploads::Sessions::open({settings, *store, clock});
    if (!opened) return std::unexpected(opened.error());
    uploads = std::move(*opened);
    bits = std::make_unique<BitsServer>(*uploads, workers.get_executor(), logs->get("MP_Framework"));
    register_figures(metrics, uploads->counters(), bits->refusals());
    return {};
}

/// By the site signing certificate's key, as it is now.
Result<void> App::Impl::load_signatures() {
    if (settings.site.mode != config::SiteMode::native) return {};
    auto key = site::load_site_signing_key(pki);
    if (!key) return std::unexpected(key.error());
    auto loaded = endpoints::policy::Signatures::load(*store, std::move(*key));
    if (!loaded) return std::unexpected(loaded.error());
    signatures.store(std::move(*loaded));
    return {};
}

/// The site's keys, and the pages that publish them. On failure, what they were before.
Result<void> App::Impl::load_site(config::Settings const& from) {
    // A lab's server certificates are its own too; a service brings those that its clients trust.
    std::vector<std::string> const hosts{from.site.host, "localhost", "127.0.0.1", "::1"};
    auto files = tls::ensure_lab_pki(settings.pki, settings.site.code, hosts, clock);
    if (!files) return std::unexpected(files.error());
    auto opened = service::load_opener(files->mp_encryption, files->mp_encryption_key);
    if (!opened) return std::unexpected(opened.error());
    auto keys = site::load_site_keys(*files, opened->certificate());
    if (!keys) return std::unexpected(keys.error());
    auto machines = keep_site(*store, settings, from.site.host);
    if (!machines) return std::unexpected(machines.error());

    site::SiteFacts const facts{settings.site.code, from.site.host, settings.site.mode, std::move(*keys),
                                std::move(*machines)};
    pki = std::move(*files);
    opener.store(std::make_shared<wire::EnvelopeOpener const>(std::move(*opened)));
    look_ups.store(std::make_shared<site::LookUps const>(facts));
    return load_signatures();
}

/// Whom integrated authentication accepts. On failure, whom it accepted before.
Result<void> App::Impl::load_accounts(config::Settings const& from) {
    auto loaded =
        integrated::Acceptor::load({from.security.keytab, from.security.ntlm_users, from.site.host});
    if (!loaded) return std::unexpected(loaded.error());
    for (auto const& warning : (*loaded)->warnings()) control.warning({}, "{}", warning);
    control.info({}, "Integrated authentication accepts {}", (*loaded)->summary());
    windows_auth->use(std::move(*loaded));
    return {};
}

Result<void> App::Impl::listen() {
    for (auto const& address : settings.http_listen) {
        auto bound = server->listen(address, nullptr);
        if (!bound) return std::unexpected(bound.error());
        addresses.http.push_back(std::move(*bound));
    }
    for (auto const& address : settings.https_listen) {
        auto bound = server->listen(address, tls.get());
        if (!bound) return std::unexpected(bound.error());
        addresses.https.push_back(std::move(*bound));
    }
    if (settings.local_socket.empty()) return {};
    addresses.local = std::filesystem::absolute(settings.local_socket);
    return server->listen_locally(settings.local_socket);
}

void App::Impl::run_threads() {
    auto const run = [this](asio::io_context& context) {
        work.emplace_back(context.get_executor());
        io_threads.emplace_back([&context] { context.run(); });
    };
    run(io);
    for (auto const& each : more_io) run(*each);
    auto const begin = [this](Chore chore, std::chrono::seconds interval) {
        asio::co_spawn(io, repeat(this, chore, interval), asio::detached);
    };
    if (!settings.tls.crl.empty()) begin(&Impl::look_for_changed_lists, list_check_interval);
    begin(&Impl::sweep_files, sweep_interval);
    begin(&Impl::ask_for_missing_states, settings.relay.check_interval);
    if (uploads) begin(&Impl::remove_old_uploads, upload_check_interval);
    control.info({}, "Management point of site {} started: http {}, https {}, local {}", settings.site.code,
                 fmt::join(addresses.http, " "), fmt::join(addresses.https, " "), addresses.local.string());
}

/// At once, and until the context stops.
asio::awaitable<void> App::Impl::repeat(Impl* self, Chore chore, std::chrono::seconds interval) {
    asio::steady_timer timer(self->io);
    for (;;) {
        co_await asio::co_spawn(self->workers, run_chore(self, chore), asio::use_awaitable);
        timer.expires_after(interval);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<void> App::Impl::run_chore(Impl* self, Chore chore) {
    (self->*chore)();
    co_return;
}

void App::Impl::look_for_changed_lists() {
    auto const read = trust->reload_if_changed();
    if (!read) {
        control.error({}, "Revocation lists not taken, the former stay in use: {}", describe(read.error()));
    } else if (*read) {
        control.info({}, "Changed revocation lists taken");
    }
}

void App::Impl::sweep_files() {
    auto const removed = db::sweep_unused_content(*store, db::ContentFiles(settings.storage.files));
    if (!removed) {
        control.warning({}, "Collected files that nobody names were not removed: {}",
                        describe(removed.error()));
    } else if (*removed != 0) {
        control.info({}, "{} collected files removed that nobody names any more", *removed);
    }
}

void App::Impl::ask_for_missing_states() {
    using namespace endpoints::relay;
    auto const now = clock.now();
    auto const overdue =
        store->read([&](db::Session& session) { return are_states_overdue(session, settings, now); });
    if (overdue && !*overdue) return;
    auto const asked = store->write_and_wait(
        [&](db::Transaction& transaction) { return request_overdue_states(transaction, settings, now); });
    if (!asked) {
        control.warning({}, "State messages that are missing were not looked for: {}",
                        describe(asked.error()));
        return;
    }
    auto const log = logs->get("MP_Relay");
    for (auto const& client : *asked) {
        log.warning({{}, client.text()},
                    "Relay: {} is asked for all its states: some have been missing for too long",
                    client.text());
    }
}

void App::Impl::remove_old_uploads() {
    auto const expired = uploads->sweep();
    auto const log = logs->get("MP_Framework");
    if (!expired) {
        log.warning({}, "Uploads that have expired were not removed: {}", describe(expired.error()));
    } else if (*expired != 0) {
        log.info({}, "{} uploads removed for which nothing came any more", *expired);
    }
}

void App::Impl::stop() {
    if (std::exchange(stopped, true)) return;
    if (server && !io_threads.empty()) {
        control.info({}, "Stopping: no new connections");
        asio::co_spawn(io, server->drain(options.drain_grace), asio::use_future).wait();
    }
    work.clear();
    io.stop();
    for (auto const& each : more_io) each->stop();
    io_threads.clear(); // joins
    workers.join();
    server.reset();
    store.reset(); // commits what is queued
    if (logs) {
        control.info({}, "Management point stopped");
        logs->flush();
    }
}

App::App(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}

App::~App() {
    if (impl_) impl_->stop();
}

Result<std::unique_ptr<App>> App::start(config::Settings settings, Clock const& clock, AppOptions options) {
    auto impl = std::make_unique<Impl>(std::move(settings), clock, options);
    if (auto opened = impl->open(); !opened) {
        impl->stop();
        return std::unexpected(opened.error());
    }
    impl->run_threads();
    return std::unique_ptr<App>(new App(std::move(impl)));
}

Addresses const& App::addresses() const {
    return impl_->addresses;
}
db::Store& App::store() {
    return *impl_->store;
}
void App::stop() {
    impl_->stop();
}

Result<void> App::reload(config::Settings const& settings) {
    if (auto const level = log::level_of(settings.log.level)) impl_->logs->set_level(*level);
    // One bad file does not keep the other's news out.
    Result<void> outcome;
    auto const take = [this, &outcome](std::string_view what, Result<void> reloaded) {
        if (reloaded) return;
        impl_->control.error({}, "{} not taken, the former stay in use: {}", what,
                             describe(reloaded.error()));
        outcome = std::move(reloaded);
    };
    if (impl_->tls) take("Certificates", impl_->tls->reload());
    take("Keys of the site", impl_->load_site(settings));
    take("Authorities and revocation lists of clients", impl_->trust->reload());
    take("Accounts of integrated authentication", impl_->load_accounts(settings));
    if (!outcome) return outcome;
    impl_->control.info({}, "Settings and certificates read again");
    return {};
}

std::string ready_line(config::Settings const& settings, Addresses const& addresses) {
    boost::json::object line;
    line["pid"] = getpid();
    line["site"] = settings.site.code;
    if (!addresses.http.empty()) line["http"] = "http://" + addresses.http.front();
    if (!addresses.https.empty()) line["https"] = "https://" + addresses.https.front();
    if (!addresses.local.empty()) line["socket"] = addresses.local.string();
    if (!addresses.ca.empty()) line["ca"] = addresses.ca.string();
    line["db"] = settings.storage.database.string();
    line["logs"] = settings.log.directory.string();
    return boost::json::serialize(line) + "\n";
}

} // namespace pointman
