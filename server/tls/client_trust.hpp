// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "server/tls/shown.hpp"
#include "server/tls/trust_state.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace pointman::tls {

/// The client at the other end of one TLS connection: the certificates that it showed, and what was last
/// decided about them. Like a connection it serves one request at a time.
class Peer {
public:
    explicit Peer(Shown shown)
        : shown_(std::move(shown)) {}

    bool has_certificate() const { return !shown_.leaf.empty(); }
    /// DER; empty where the client showed none. Shown is not trusted: ask ClientTrust.
    Bytes const& certificate() const { return shown_.leaf; }

private:
    friend class ClientTrust;
    Shown shown_;
    std::optional<Finding> finding_;
    std::uint64_t generation_ = 0; ///< of the trust that it was found with
};

/// Decides which client certificates are trusted now. Chains are verified once for each connection, and again
/// when authorities or lists were read anew or the clock passes a date in the chain: what is revoked or runs
/// out while a connection is open does not serve its next request. Thread safe.
class ClientTrust {
public:
    /// Gets a line of text when crl_check = soft passes over a missing or stale list, at most once a minute.
    using Notice = std::function<void(std::string_view)>;

    /// Fails with usage and a message that names the file and what is wrong with it.
    static Result<std::unique_ptr<ClientTrust>> load(TrustOptions options, Clock const& clock,
                                                     Notice notice = {});

    /// For a peer with a certificate. The reference holds until the next call for the same peer.
    Result<void> const& judge(Peer& peer) const;
    /// For a certificate that came otherwise, alone: its intermediates must be among the authorities.
    Result<void> judge(BytesView certificate) const;

    /// Reads all files again. On failure the former state stays and the error says why.
    Result<void> reload();
    /// The same where a revocation list's file is another than at the last reading, by inode, size or time.
    /// Whether something was read anew; a bad file fails once and is left alone until it changes again.
    Result<bool> reload_if_changed();

private:
    /// What tells a file from its successor.
    struct Stamp {
        std::uint64_t inode = 0;
        std::int64_t size = -1;    ///< -1 = there is no file
        std::int64_t modified = 0; ///< nanoseconds
        bool operator==(Stamp const&) const = default;
    };

    ClientTrust(TrustOptions options, Clock const& clock, Notice notice)
        : options_(std::move(options))
        , clock_(clock)
        , notice_(std::move(notice)) {}

    std::vector<Stamp> stamps() const;
    Result<void> read();
    Finding find(TrustState const& state, Shown const& shown, TimePoint now) const;

    TrustOptions options_;
    Clock const& clock_;
    Notice notice_;
    std::atomic<std::shared_ptr<TrustState const>> state_;
    std::atomic<std::uint64_t> generation_{0};
    mutable std::atomic<std::int64_t> noticed_minute_{-1};
    // The operator's signal and the watch on files may read at the same time. No request ever waits here.
    std::mutex reading_;
    std::vector<Stamp> stamps_;
};

} // namespace pointman::tls
