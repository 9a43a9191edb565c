// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "config/settings.hpp"

#include <boost/asio/ssl/context.hpp>

#include <atomic>
#include <filesystem>
#include <memory>
#include <vector>

namespace pointman::tls {

struct Options {
    std::vector<std::filesystem::path> certificates; ///< PEM, chain behind the leaf; one for each key type
    std::vector<std::filesystem::path> private_keys; ///< PEM, in the same order
    config::TlsProfile profile = config::TlsProfile::intermediate;
    bool ask_for_certificates = true; ///< of clients
};

/// The TLS server context: TLS 1.2 and 1.3, RSA and P-256 certificates side by side, session tickets. Any
/// client certificate is taken, and none demanded, at the handshake, since some paths work without (wire.md
/// 2.2): ClientTrust decides per request.
class Contexts {
public:
    /// Fails with usage and a message that names the file and what is wrong with it.
    static Result<std::unique_ptr<Contexts>> load(Options options);

    /// The context for the next handshake. Connections keep the one they began with.
    std::shared_ptr<boost::asio::ssl::context> current() const;

    /// Reads the files again. On failure the former context stays and the error says why.
    Result<void> reload();

private:
    explicit Contexts(Options options)
        : options_(std::move(options)) {}
    Options options_;
    std::atomic<std::shared_ptr<boost::asio::ssl::context>> context_;
};

} // namespace pointman::tls
