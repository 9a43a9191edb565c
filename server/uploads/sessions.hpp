// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/settings.hpp"
#include "db/uploads.hpp"
#include "server/uploads/packets.hpp"

#include <atomic>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::uploads {

/// Why something of an upload did not happen.
enum class Why {
    unknown_session, ///< none, closed, expired, or begun on another path: the client begins a new one
    gap,             ///< bytes before the fragment are missing: `received` says where to go on
    bad_argument,    ///< what the client says contradicts itself or what it said before
    too_large,       ///< it will never be taken
    no_room,         ///< too many sessions or bytes at present
    disk_full,
    failed, ///< a file or the database
};

struct Refusal {
    Why why = Why::failed;
    std::string message;
    std::uint64_t received = 0; ///< of gap

    Refusal(Why reason, std::string text, std::uint64_t next = 0)
        : why(reason)
        , message(std::move(text))
        , received(next) {}
    /// Files and the store fail in their own words.
    Refusal(Error const& error) // NOLINT(google-explicit-constructor)
        : why(error.code == Code::storage_full ? Why::disk_full : Why::failed)
        , message(describe(error)) {}
};

template <class T>
using Outcome = std::expected<T, Refusal>;

/// A session by its id and the message in its path. One that is known by another path stays hidden; the
/// address may change, as it does for a computer that moves. The id is what proves the sender: nobody can
/// guess it.
struct SessionKey {
    std::string session_id; ///< UUID in upper case
    std::string message_id; ///< likewise
};

/// What has happened since the start; for the metrics.
struct Counters {
    std::atomic<std::uint64_t> begun{0};
    std::atomic<std::uint64_t> bytes{0}; ///< that were new and are durable
    std::atomic<std::uint64_t> finished{0};
    std::atomic<std::uint64_t> cancelled{0};
    std::atomic<std::uint64_t> used{0};
    std::atomic<std::uint64_t> expired{0};
};

/// The sessions of uploads and the bytes that they brought. What is known of a session stands in the
/// database, its bytes in a file that is called by its id: what was acknowledged is durable in both, and
/// outlasts the daemon. Bytes beyond what the database says are nobody's. All calls block, and may come from
/// any thread.
class Sessions {
public:
    struct Parts {
        config::Settings const& settings;
        db::Store& store;
        Clock const& clock;
    };
    /// Makes the directory `uploads` in storage.files where it is missing; that one must be there.
    static Result<std::unique_ptr<Sessions>> open(Parts parts);

    /// Returns the id of a new session. Fails with no_room.
    Outcome<std::string> create(std::string const& message_id, std::string_view peer);
    /// Keeps what is new in a fragment and returns the byte that is wanted next.
    Outcome<std::uint64_t> append(SessionKey const& key, ContentRange const& range, BytesView bytes);
    /// Succeeds again where it succeeded before. A session without any fragment is an empty file.
    Outcome<void> close(SessionKey const& key);
    Outcome<void> cancel(SessionKey const& key);

    /// Finished uploads for a message: those from the same address first, then the newest first. A few at
    /// most: more than one is rare, and each costs the check of a signature.
    Result<std::vector<db::Upload>> finished(std::string const& message_id, std::string_view peer) const;
    Result<Bytes> read(db::Upload const& upload) const;
    /// Removes an upload whose message is done with. `request_sha256` is that of the request that named it,
    /// where a repeat of it is to be known; "" = none is.
    Result<void> use_up(db::Upload const& upload, std::string const& request_sha256);
    /// Whether this very request has used an upload up.
    Result<bool> was_used(std::string const& message_id, std::string const& request_sha256) const;

    /// Removes what has expired, and files that belong to no session. Returns how many sessions went.
    Result<std::uint64_t> sweep();

    Counters const& counters() const { return counters_; }

private:
    Sessions(Parts parts, std::filesystem::path directory);

    Outcome<db::Upload> find(db::Session& session, SessionKey const& key) const;
    Outcome<db::Upload> find_open(db::Session& session, SessionKey const& key) const;
    Outcome<void> reserve(SessionKey const& key, std::uint64_t total);
    Outcome<std::uint64_t> acknowledge(SessionKey const& key, std::uint64_t received);
    Outcome<void> write(std::string_view session_id, std::uint64_t offset, BytesView bytes) const;
    void remove_file(std::string_view session_id) const;
    std::filesystem::path path_of(std::string_view session_id) const;

    Parts parts_;
    std::filesystem::path directory_;
    Counters counters_;
};

} // namespace pointman::uploads
