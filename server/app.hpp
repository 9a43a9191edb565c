// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/settings.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace pointman {

namespace db {
class Store;
}

struct AppOptions {
    bool lab = false;     ///< make the keys of the site where they are missing
    unsigned threads = 0; ///< I/O threads; 0 = as many as the machine has processors
    bool console = true;  ///< log records on standard error or in the journal too
    std::chrono::milliseconds drain_grace{10'000};
};

/// Where a started daemon can be reached.
struct Addresses {
    std::vector<std::string> http; ///< ADDR:PORT as bound
    std::vector<std::string> https;
    std::filesystem::path local; ///< the Unix socket; empty = none
    std::filesystem::path ca;    ///< the lab's root; empty without --lab
};

/// The composition root: the only place that knows every concrete type.
class App {
public:
    /// Opens logs, keys, store and listeners and begins to answer. Every error says what to do about it.
    static Result<std::unique_ptr<App>> start(config::Settings settings, Clock const& clock,
                                              AppOptions options);
    ~App(); ///< stops if need be
    App(App const&) = delete;
    App& operator=(App const&) = delete;

    Addresses const& addresses() const;
    db::Store& store();

    /// Stops accepting, lets requests under way end, commits what is queued. Returns when all is closed.
    void stop();

    /// Reads certificates, the site's keys and the accounts of integrated authentication again and takes what
    /// of the settings can change while running (log.level, security.keytab, security.ntlm_users, and
    /// site.host for the site's pages). What is bad stays as it was, the rest is taken.
    Result<void> reload(config::Settings const& settings);

private:
    struct Impl;
    explicit App(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// One line of JSON for --ready-file (design, section 6).
std::string ready_line(config::Settings const& settings, Addresses const& addresses);

} // namespace pointman
