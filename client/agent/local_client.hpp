// SPDX-License-Identifier: Apache-2.0
// The client that lives in a directory: what every command works with.
#pragma once

#include "client/agent/home.hpp"

#include <functional>
#include <memory>
#include <pointman/session.hpp>

namespace pointman::client::agent {

/// How to reach the management point: remembered when a client registers.
struct Settings {
    std::string server{}; ///< URL, or unix:/PATH
    std::string site{};   ///< its code; "" = not known yet
    std::filesystem::path ca{};
    std::filesystem::path certificate{}; ///< of a PKI: native mode; "" = mixed mode
    std::filesystem::path key{};         ///< "" = in the certificate's file
    std::string name{};                  ///< NetBIOS name; "" = that of the machine

    bool is_native() const { return !certificate.empty(); }
    bool operator==(Settings const&) const = default;
};

struct ClientOptions {
    std::filesystem::path directory;
    Settings settings{}; ///< what is given goes before what is remembered
    std::function<Time()> now{};
    /// Told of each exchange, decoded (trace.hpp).
    std::function<void(std::string const&)> trace{};
    /// Told of what happens, a line each.
    std::function<void(std::string const&)> tell{};
    /// The files that tell what the machine is.
    std::filesystem::path root = "/";
};

class LocalClient {
public:
    /// Fails with invalid_argument where no server is known, with busy, storage.
    static Result<std::unique_ptr<LocalClient>> open(ClientOptions options);
    LocalClient(LocalClient const&) = delete;
    LocalClient& operator=(LocalClient const&) = delete;

    Home const& home() const { return home_; }
    Settings const& settings() const { return settings_; }
    /// Keeps the settings, with that site.
    Result<void> remember(std::string site);
    Messaging& messaging() { return messaging_; }
    Identity& identity() { return identity_; }
    Session const& session() const { return session_; }
    /// From now on, until the end of this process, with the management point of that URL.
    void turn_to(std::string url) { session_.host = std::move(url); }
    std::filesystem::path const& root() const { return options_.root; }
    Time now() const { return options_.now(); }
    void tell(std::string const& line) const { options_.tell(line); }
    /// Fails with not_found before the client is registered.
    Result<void> require_registration() const;

private:
    LocalClient(ClientOptions options, Home home, Settings settings, Messaging messaging, Identity identity);

    ClientOptions options_;
    Home home_;
    Settings settings_;
    Messaging messaging_;
    Identity identity_;
    Session session_; ///< refers to the two above
};

} // namespace pointman::client::agent
