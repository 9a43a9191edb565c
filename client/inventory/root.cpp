// SPDX-License-Identifier: Apache-2.0
#include "client/inventory/root.hpp"

#include "base/file.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pointman::client::inventory {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_names = 100'000;

/// One byte more than `most` where there are more.
std::string read_from(int file, std::size_t most) {
    std::string text;
    constexpr std::size_t step = std::size_t{64} * 1024;
    while (text.size() <= most) {
        auto const size = text.size();
        text.resize(size + std::min(step, most + 1 - size));
        auto const count = ::read(file, text.data() + size, text.size() - size);
        bool const interrupted = count < 0 && errno == EINTR;
        text.resize(size + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        if (count <= 0 && !interrupted) break;
    }
    return text;
}

} // namespace

std::string Root::text(fs::path const& path, std::size_t most) const {
    // A pipe must not make us wait, and nothing else than a file has an end for sure.
    Descriptor const file(::open(at(path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat status {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
    auto text = read_from(file.get(), most);
    if (text.size() > most) text.resize(text.find_last_of('\n', most - 1) + 1);
    return text;
}

std::string Root::value(fs::path const& path) const {
    return std::string(trim(text(path)));
}

std::vector<std::string> Root::names(fs::path const& path) const {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(at(path), error), end;
         !error && entry != end && names.size() < most_names; entry.increment(error)) {
        names.push_back(entry->path().filename().string());
    }
    std::ranges::sort(names);
    return names;
}

std::string Root::link(fs::path const& path) const {
    std::error_code error;
    return fs::read_symlink(at(path), error).string();
}

bool Root::exists(fs::path const& path) const {
    std::error_code error;
    return fs::exists(at(path), error);
}

std::optional<TimePoint> Root::modified(fs::path const& path) const {
    struct stat status {};
    if (::stat(at(path).c_str(), &status) != 0) return std::nullopt;
    return TimePoint{std::chrono::seconds{status.st_mtim.tv_sec}};
}

} // namespace pointman::client::inventory
