// SPDX-License-Identifier: Apache-2.0
#include "server/integrated/secret_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace pointman::integrated {

namespace {

constexpr std::uintmax_t largest_file = 16'000'000;

std::string reason(int error) {
    return std::error_code(error, std::generic_category()).message();
}

} // namespace

Result<std::string> read_secret_file(std::filesystem::path const& file) {
    auto const cannot = [&file](std::string_view why) {
        return fail(Code::usage, fmt::format("cannot read {}: {}", file.string(), why));
    };
    std::error_code error;
    auto const status = std::filesystem::status(file, error);
    if (!std::filesystem::exists(status)) return cannot(reason(error ? error.value() : ENOENT));
    if (std::filesystem::is_directory(status)) return cannot("it is a directory");
    errno = 0;
    std::ifstream in(file, std::ios::binary);
    if (!in) return cannot(reason(errno));
    if (std::filesystem::file_size(file, error) > largest_file && !error) return cannot("it is over 16 MB");
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (in.bad()) return cannot(reason(EIO));
    return text;
}

bool is_open_to_others(std::filesystem::path const& file) {
    std::error_code error;
    auto const status = std::filesystem::status(file, error);
    return !error &&
           (status.permissions() & std::filesystem::perms::others_all) != std::filesystem::perms::none;
}

Result<MemoryFile> MemoryFile::make(std::string_view content) {
    MemoryFile file(::memfd_create("pointman", MFD_CLOEXEC));
    if (file.descriptor_ < 0) {
        return fail(Code::io, fmt::format("cannot make a file in memory: {}", reason(errno)));
    }
    while (!content.empty()) {
        auto const count = ::write(file.descriptor_, content.data(), content.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail(Code::io, fmt::format("cannot fill a file in memory: {}", reason(errno)));
        content.remove_prefix(static_cast<std::size_t>(count));
    }
    return file;
}

MemoryFile::MemoryFile(MemoryFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

MemoryFile& MemoryFile::operator=(MemoryFile&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

MemoryFile::~MemoryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

std::string MemoryFile::path() const {
    return fmt::format("/proc/self/fd/{}", descriptor_);
}

} // namespace pointman::integrated
