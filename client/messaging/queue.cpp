// SPDX-License-Identifier: Apache-2.0
#include "client/messaging/queue.hpp"

#include "base/number.hpp"
#include "base/text.hpp"
#include "client/messaging/files.hpp"
#include "client/transport/failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <sys/file.h>
#include <unistd.h>

namespace pointman::client {

namespace {

// Behind a point they are no messages.
constexpr std::string_view counter_file = ".next";
constexpr std::string_view delivery_lock = ".deliveries";
constexpr std::string_view refused_folder = "refused";
constexpr std::string_view message_suffix = ".message";
constexpr std::string_view reason_suffix = ".reason";
constexpr std::size_t longest_first_line = std::size_t{1} << 20U;

Result<std::unique_ptr<Descriptor>> locked(std::filesystem::path const& file, bool wait) {
    auto handle =
        std::make_unique<Descriptor>(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, private_file));
    if (handle->get() < 0) return storage_failure(system_failure("open", file).error());
    while (::flock(handle->get(), wait ? LOCK_EX : LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return nullptr;
        if (errno != EINTR) return storage_failure(system_failure("lock", file).error());
    }
    return handle;
}

/// Names of the messages in a directory, sorted.
Result<std::vector<std::string>> messages_in(std::filesystem::path const& directory) {
    std::error_code error;
    std::vector<std::string> names;
    for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end;
         at.increment(error)) {
        auto name = at->path().filename().string();
        if (!name.starts_with('.') && name.ends_with(message_suffix)) names.push_back(std::move(name));
    }
    if (error)
        return fail(Code::storage, fmt::format("cannot list {}: {}", directory.string(), error.message()));
    std::ranges::sort(names);
    return names;
}

std::uint64_t number_of(std::string_view name) {
    return number_in<std::uint64_t>(name.substr(0, name.find('-'))).value_or(0);
}

Result<QueueEntry> entry_in(std::filesystem::path const& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return fail(Code::not_found, fmt::format("{} is not there any more", file.string()));
    std::string line(longest_first_line, '\0');
    in.getline(line.data(), static_cast<std::streamsize>(line.size()));
    line.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 1)) - 1);
    return read_queue_entry(line);
}

QueuedMessage refused_message(std::filesystem::path const& file) {
    QueuedMessage message;
    if (auto entry = entry_in(file)) {
        message = {.tracking_id = std::move(entry->tracking_id),
                   .host = std::move(entry->host),
                   .endpoint = std::move(entry->endpoint),
                   .posted = entry->posted,
                   .expires = entry->expires};
    }
    auto reason_file = file;
    if (auto const reason = read_file(reason_file.replace_extension(reason_suffix), longest_first_line))
        message.reason = trim(as_chars(*reason));
    return message;
}

} // namespace

Result<Queue> Queue::open(std::filesystem::path const& directory) {
    auto const absolute = std::filesystem::absolute(directory);
    for (auto const& made : {absolute, absolute / refused_folder}) {
        if (auto const done = make_private_directory(made); !done) return std::unexpected(done.error());
    }
    Queue queue(absolute);
    if (auto const number = queue.next_number(true); !number) return std::unexpected(number.error());
    return queue;
}

/// The counter is not synced: after a power failure it may be behind the files, which `after_start` looks
/// through.
Result<std::uint64_t> Queue::next_number(bool after_start) const {
    auto const lock = locked(directory_ / counter_file, true);
    if (!lock) return std::unexpected(lock.error());
    auto const file = (*lock)->get();
    std::string text(20, '\0'); // digits of the largest number
    auto const size = ::pread(file, text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    auto number = number_in<std::uint64_t>(trim(text)).value_or(0);
    if (after_start) {
        auto const names = messages_in(directory_);
        if (!names) return std::unexpected(names.error());
        if (!names->empty()) number = std::max(number, number_of(names->back()));
    }
    ++number;
    auto const next = fmt::format("{:020}", number);
    if (::pwrite(file, next.data(), next.size(), 0) != static_cast<ssize_t>(next.size()))
        return storage_failure(system_failure("write", directory_ / counter_file).error());
    return number;
}

Result<void> Queue::add(QueueEntry const& entry, Outgoing const& outgoing) const {
    auto const number = next_number(false);
    if (!number) return std::unexpected(number.error());
    auto const name = fmt::format("{:020}-{}{}", *number, entry.tracking_id, message_suffix);
    return write_file(directory_ / name, encode_queue_file(entry, outgoing), private_file);
}

Result<std::vector<std::string>> Queue::names() const {
    return messages_in(directory_);
}

Result<QueueEntry> Queue::entry(std::string const& name) const {
    return entry_in(directory_ / name);
}

Result<Outgoing> Queue::outgoing(std::string const& name) const {
    auto const content = read_file(directory_ / name);
    if (!content) return std::unexpected(content.error());
    return read_queue_file(*content);
}

Result<void> Queue::remove(std::string const& name) const {
    auto const file = directory_ / name;
    if (::unlink(file.c_str()) != 0 && errno != ENOENT)
        return storage_failure(system_failure("remove", file).error());
    return {};
}

Result<void> Queue::set_aside(std::string const& name, std::string_view reason) const {
    auto const to = directory_ / refused_folder / name;
    auto reason_file = to;
    reason_file.replace_extension(reason_suffix);
    // The reason first: a message that was moved has one.
    if (auto const written = write_file(reason_file, as_bytes(reason), private_file); !written)
        return written;
    auto const from = directory_ / name;
    if (::rename(from.c_str(), to.c_str()) != 0 || !sync_directory(directory_) ||
        !sync_directory(to.parent_path()))
        return storage_failure(system_failure("move aside", from).error());
    return {};
}

Result<std::vector<QueuedMessage>> Queue::refused() const {
    auto const folder = directory_ / refused_folder;
    auto const names = messages_in(folder);
    if (!names) return std::unexpected(names.error());
    std::vector<QueuedMessage> messages;
    for (auto const& name : *names) messages.push_back(refused_message(folder / name));
    return messages;
}

Result<std::unique_ptr<Descriptor>> Queue::lock_deliveries(bool wait) const {
    return locked(directory_ / delivery_lock, wait);
}

} // namespace pointman::client
