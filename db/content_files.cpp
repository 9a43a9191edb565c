// SPDX-License-Identifier: Apache-2.0
#include "db/content_files.hpp"

#include "base/file.hpp"
#include "base/hex.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <system_error>
#include <unistd.h>

namespace pointman::db {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view unfinished = "unfinished";
constexpr std::size_t name_length = 64;
/// No write takes as long.
constexpr std::chrono::hours abandoned_after{1};

bool is_name(std::string_view text) {
    return text.size() == name_length &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); });
}

/// Under a name that nobody else has; returns it.
Result<fs::path> write_beside(fs::path const& directory, BytesView bytes) {
    auto name = (directory / "XXXXXX").string();
    Descriptor const out(::mkostemp(name.data(), O_CLOEXEC));
    if (out.get() >= 0 && write_all(out.get(), bytes) && ::fsync(out.get()) == 0) return fs::path(name);
    auto failure = system_failure("write", name);
    if (out.get() >= 0) ::unlink(name.c_str());
    return failure;
}

} // namespace

fs::path ContentFiles::path_of(std::string_view sha256) const {
    return directory_ / sha256.substr(0, 2) / sha256;
}

bool ContentFiles::has(std::string_view sha256) const {
    return ::access(path_of(sha256).c_str(), F_OK) == 0;
}

Result<void> ContentFiles::put(std::string_view sha256, BytesView bytes) const {
    auto const file = path_of(sha256);
    auto const shelf = file.parent_path();
    if (!has(sha256)) {
        auto const beside = directory_ / unfinished;
        for (auto const& directory : {directory_, beside, shelf}) {
            if (auto made = ensure_private_directory(directory); !made) return made;
        }
        auto const temporary = write_beside(beside, bytes);
        if (!temporary) return std::unexpected(temporary.error());
        if (::rename(temporary->c_str(), file.c_str()) != 0) {
            auto failure = system_failure("name", file);
            ::unlink(temporary->c_str());
            return failure;
        }
    }
    // Also where another has just put it there, and its name may not be durable yet.
    if (!sync_directory(shelf)) return system_failure("sync", shelf);
    return {};
}

Result<Bytes> ContentFiles::read(std::string_view sha256) const {
    auto const path = path_of(sha256);
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(Code::not_found, fmt::format("there is no file {}", path.string()));
    std::string const text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (sha256_hex(as_bytes(text)) != sha256)
        return fail(Code::io, fmt::format("{} does not hold what its name says", path.string()));
    return to_bytes(text);
}

Result<void> ContentFiles::remove(std::string_view sha256) const {
    auto const file = path_of(sha256);
    if (::unlink(file.c_str()) == 0 || errno == ENOENT) return {};
    return system_failure("remove", file);
}

std::vector<std::string> ContentFiles::on_shelf(unsigned shelf) const {
    std::vector<std::string> names;
    auto const label = fmt::format("{:02X}", shelf);
    std::error_code error;
    for (fs::directory_iterator entry(directory_ / label, error); !error && entry != fs::directory_iterator();
         entry.increment(error)) {
        auto name = entry->path().filename().string();
        if (is_name(name) && name.starts_with(label)) names.push_back(std::move(name));
    }
    return names;
}

void ContentFiles::remove_unfinished() const {
    std::error_code error;
    auto const now = fs::file_time_type::clock::now();
    for (fs::directory_iterator entry(directory_ / unfinished, error);
         !error && entry != fs::directory_iterator(); entry.increment(error)) {
        std::error_code gone;
        auto const written = entry->last_write_time(gone);
        if (!gone && now - written > abandoned_after) fs::remove(entry->path(), gone);
    }
}

} // namespace pointman::db
