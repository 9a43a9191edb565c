// SPDX-License-Identifier: Apache-2.0
#include "server/uploads/sessions.hpp"

#include "base/file.hpp"
#include "base/ids.hpp"
#include "base/network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace pointman::uploads {

namespace fs = std::filesystem;

namespace {

/// A session that has got nothing costs its client one packet to begin again, and takes the place of others.
constexpr std::chrono::hours empty_session_life{1};

/// As long as repeats of other messages are recognised.
constexpr std::chrono::days repeats_expected{30};

constexpr std::size_t most_for_a_message = 4;

template <class... T>
std::unexpected<Refusal> refuse(T&&... what) {
    return std::unexpected(Refusal(std::forward<T>(what)...));
}

std::unexpected<Refusal> unknown_session() {
    return refuse(Why::unknown_session, "there is no such session");
}

/// What a fragment says, held against what is known of its session.
Outcome<void> check(db::Upload const& upload, ContentRange const& range) {
    if (upload.total && *upload.total != range.total) {
        return refuse(Why::bad_argument,
                      fmt::format("the file had {} bytes before, now {}", *upload.total, range.total));
    }
    if (range.first > upload.received) {
        return refuse(
            Why::gap,
            fmt::format("the fragment begins at {}, wanted is {} next", range.first, upload.received),
            upload.received);
    }
    return {};
}

} // namespace

Sessions::Sessions(Parts parts, fs::path directory)
    : parts_(parts)
    , directory_(std::move(directory)) {}

Result<std::unique_ptr<Sessions>> Sessions::open(Parts parts) {
    auto directory = parts.settings.storage.files / "uploads";
    if (auto made = ensure_private_directory(directory); !made) return std::unexpected(made.error());
    return std::unique_ptr<Sessions>(new Sessions(parts, std::move(directory)));
}

fs::path Sessions::path_of(std::string_view session_id) const {
    return directory_ / session_id;
}

Outcome<db::Upload> Sessions::find(db::Session& session, SessionKey const& key) const {
    auto upload = db::Uploads(session).find(key.session_id);
    if (!upload) return refuse(upload.error());
    if (!*upload || (*upload)->message_id != key.message_id || (*upload)->expires <= parts_.clock.now())
        return unknown_session();
    return std::move(**upload);
}

/// One that still takes fragments.
Outcome<db::Upload> Sessions::find_open(db::Session& session, SessionKey const& key) const {
    auto upload = find(session, key);
    if (upload && upload->finished) return unknown_session();
    return upload;
}

Outcome<std::string> Sessions::create(std::string const& message_id, std::string_view peer) {
    auto const& limits = parts_.settings.uploads;
    db::Upload const upload{.session_id = random_uuid(),
                            .message_id = message_id,
                            .address = counted_address(peer),
                            .expires = parts_.clock.now() + empty_session_life};
    auto created = parts_.store.write_and_wait([&](db::Transaction& transaction) -> Outcome<void> {
        auto const totals = db::Uploads(transaction).totals(upload.address);
        if (!totals) return refuse(totals.error());
        if (totals->sessions >= limits.max_sessions)
            return refuse(Why::no_room, fmt::format("there are {} sessions", totals->sessions));
        if (totals->sessions_of_address >= limits.max_sessions_per_address) {
            return refuse(Why::no_room,
                          fmt::format("{} has {} sessions", upload.address, totals->sessions_of_address));
        }
        if (auto put = db::Uploads::put(transaction, upload); !put) return refuse(put.error());
        return {};
    });
    if (!created) return std::unexpected(std::move(created.error()));
    ++counters_.begun;
    return upload.session_id;
}

Outcome<std::uint64_t> Sessions::append(SessionKey const& key, ContentRange const& range, BytesView bytes) {
    if (bytes.size() != range.size()) {
        return refuse(Why::bad_argument,
                      fmt::format("{} bytes came for a range of {}", bytes.size(), range.size()));
    }
    // What leaves no room for other requests might never be worked on.
    auto const most = std::min(parts_.settings.uploads.max_size, parts_.settings.limits.max_in_flight / 2);
    if (range.total > most)
        return refuse(Why::too_large,
                      fmt::format("a file of {} bytes, at most {} are taken", range.total, most));
    auto const upload = parts_.store.read([&](db::Session& session) { return find_open(session, key); });
    if (!upload) return std::unexpected(upload.error());
    if (auto fits = check(*upload, range); !fits) return std::unexpected(std::move(fits.error()));
    auto const had = upload->received;
    if (range.last < had) return had;
    if (!upload->total) {
        if (auto reserved = reserve(key, range.total); !reserved)
            return std::unexpected(std::move(reserved.error()));
    }
    // Where two fragments of a session cross, each has written what lies between what was acknowledged before
    // it and its own end: the farther end counts.
    if (auto written = write(key.session_id, had, bytes.subspan(had - range.first)); !written)
        return std::unexpected(std::move(written.error()));
    counters_.bytes += range.last + 1 - had;
    return acknowledge(key, range.last + 1);
}

/// Room for the whole file, before its first byte.
Outcome<void> Sessions::reserve(SessionKey const& key, std::uint64_t total) {
    return parts_.store.write_and_wait([&](db::Transaction& transaction) -> Outcome<void> {
        auto upload = find_open(transaction, key);
        if (!upload) return std::unexpected(std::move(upload.error()));
        if (upload->total) return check(*upload, {0, total - 1, total}); // another fragment came first
        auto const totals = db::Uploads(transaction).totals(upload->address);
        if (!totals) return refuse(totals.error());
        auto const most = parts_.settings.uploads.max_bytes;
        if (totals->bytes > most || total > most - totals->bytes) {
            return refuse(Why::no_room, fmt::format("uploads have {} bytes of {}, and {} more are wanted",
                                                    totals->bytes, most, total));
        }
        upload->total = total;
        if (auto put = db::Uploads::put(transaction, *upload); !put) return refuse(put.error());
        return {};
    });
}

/// So many bytes are durable from now on.
Outcome<std::uint64_t> Sessions::acknowledge(SessionKey const& key, std::uint64_t received) {
    std::chrono::days const life{parts_.settings.uploads.session_days};
    return parts_.store.write_and_wait([&](db::Transaction& transaction) -> Outcome<std::uint64_t> {
        auto upload = find_open(transaction, key);
        if (!upload) return std::unexpected(std::move(upload.error()));
        upload->received = std::max(upload->received, received);
        upload->expires = parts_.clock.now() + life;
        if (auto put = db::Uploads::put(transaction, *upload); !put) return refuse(put.error());
        return upload->received;
    });
}

/// Durable when it returns.
Outcome<void> Sessions::write(std::string_view session_id, std::uint64_t offset, BytesView bytes) const {
    auto const file = path_of(session_id);
    constexpr mode_t owner_alone = 0600;
    bool const is_new = offset == 0;
    Descriptor const out(::open(file.c_str(), O_WRONLY | O_CLOEXEC | (is_new ? O_CREAT : 0), owner_alone));
    // Somebody took the file away: the client can send it all again.
    if (out.get() < 0 && errno == ENOENT) return unknown_session();
    bool const written = out.get() >= 0 && ::lseek(out.get(), static_cast<off_t>(offset), SEEK_SET) >= 0 &&
                         write_all(out.get(), bytes) && ::fdatasync(out.get()) == 0;
    if (!written) return refuse(system_failure("write", file).error());
    if (is_new && !sync_directory(directory_)) return refuse(system_failure("sync", directory_).error());
    return {};
}

Outcome<void> Sessions::close(SessionKey const& key) {
    auto const now = parts_.clock.now();
    std::chrono::days const life{parts_.settings.uploads.finished_days};
    auto closed = parts_.store.write_and_wait([&](db::Transaction& transaction) -> Outcome<bool> {
        auto upload = find(transaction, key);
        if (!upload) return std::unexpected(std::move(upload.error()));
        if (upload->finished) return false;
        auto const total = upload->total.value_or(0);
        if (upload->received != total) {
            return refuse(Why::bad_argument,
                          fmt::format("closed after {} of {} bytes", upload->received, total));
        }
        upload->finished = now;
        upload->expires = now + life;
        if (auto put = db::Uploads::put(transaction, *upload); !put) return refuse(put.error());
        return true;
    });
    if (!closed) return std::unexpected(std::move(closed.error()));
    if (*closed) ++counters_.finished;
    return {};
}

Outcome<void> Sessions::cancel(SessionKey const& key) {
    auto gone = parts_.store.write_and_wait([&](db::Transaction& transaction) -> Outcome<void> {
        if (auto upload = find_open(transaction, key); !upload)
            return std::unexpected(std::move(upload.error()));
        if (auto removed = db::Uploads::remove(transaction, key.session_id); !removed)
            return refuse(removed.error());
        return {};
    });
    if (!gone) return gone;
    remove_file(key.session_id);
    ++counters_.cancelled;
    return {};
}

Result<std::vector<db::Upload>> Sessions::finished(std::string const& message_id,
                                                   std::string_view peer) const {
    auto uploads = parts_.store.read([&](db::Session& session) {
        return db::Uploads(session).finished(message_id, counted_address(peer), most_for_a_message);
    });
    if (uploads) {
        std::erase_if(*uploads,
                      [now = parts_.clock.now()](auto const& upload) { return upload.expires <= now; });
    }
    return uploads;
}

Result<Bytes> Sessions::read(db::Upload const& upload) const {
    Bytes bytes(upload.received);
    if (bytes.empty()) return bytes;
    auto const path = path_of(upload.session_id);
    std::ifstream file(path, std::ios::binary);
    if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size())))
        return fail(Code::io, fmt::format("{} does not hold its {} bytes", path.string(), bytes.size()));
    return bytes;
}

Result<void> Sessions::use_up(db::Upload const& upload, std::string const& request_sha256) {
    db::UsedUpload const used{upload.message_id, request_sha256, parts_.clock.now() + repeats_expected};
    auto const removed = parts_.store.write_and_wait([&](db::Transaction& transaction) -> Result<bool> {
        Result<void> noted;
        if (!request_sha256.empty()) noted = db::Uploads::note_used(transaction, used);
        if (!noted) return std::unexpected(std::move(noted.error()));
        return db::Uploads::remove(transaction, upload.session_id);
    });
    if (!removed) return std::unexpected(removed.error());
    remove_file(upload.session_id);
    if (*removed) ++counters_.used;
    return {};
}

Result<bool> Sessions::was_used(std::string const& message_id, std::string const& request_sha256) const {
    return parts_.store.read(
        [&](db::Session& session) { return db::Uploads(session).was_used({message_id, request_sha256}); });
}

/// What stays behind after all is found by the next sweep.
void Sessions::remove_file(std::string_view session_id) const {
    std::error_code ignored;
    fs::remove(path_of(session_id), ignored);
}

Result<std::uint64_t> Sessions::sweep() {
    auto const now = parts_.clock.now();
    auto const expired = parts_.store.write_and_wait(
        [now](db::Transaction& transaction) { return db::Uploads::remove_expired(transaction, now); });
    if (!expired) return expired;
    counters_.expired += *expired;
    // A session is known before its file is made: one that is not known now has none any more.
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(directory_, error); !error && entry != fs::directory_iterator();
         entry.increment(error)) {
        names.push_back(entry->path().filename().string());
    }
    auto const looked = parts_.store.read([&](db::Session& session) -> Result<void> {
        for (auto const& name : names) {
            auto const known = db::Uploads(session).find(name);
            if (!known) return std::unexpected(known.error());
            if (!*known) remove_file(name);
        }
        return {};
    });
    if (!looked) return std::unexpected(looked.error());
    return expired;
}

} // namespace pointman::uploads
