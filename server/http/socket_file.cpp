// SPDX-License-Identifier: Apache-2.0
#include "server/http/socket_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace pointman::http {

namespace {

namespace fs = std::filesystem;

std::unexpected<Error> cannot_listen(fs::path const& path, std::string_view why) {
    return fail(Code::io, fmt::format("cannot listen on {}: {}", path.string(), why));
}

std::string_view advice(int error) {
    if (error == ENOENT)
        return "; its directory does not exist: make it (systemd: RuntimeDirectory=pointman makes "
               "/run/pointman)";
    if (error == EACCES || error == EROFS) return "; the daemon's user has to be able to write there";
    return "";
}

std::unexpected<Error> cannot_listen(fs::path const& path, int error) {
    return cannot_listen(path, fmt::format("{}{}", std::strerror(error), advice(error)));
}

Result<std::unique_ptr<Descriptor>> lock(fs::path const& path) {
    auto const file = path.string() + ".lock";
    constexpr mode_t owner_alone = 0600;
    auto lock = std::make_unique<Descriptor>(
        ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, owner_alone));
    if (lock->get() < 0) return cannot_listen(path, errno);
    if (::flock(lock->get(), LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno != EWOULDBLOCK) return cannot_listen(path, errno);
    return cannot_listen(path,
                         "another management point listens there: stop it, or set another local.socket");
}

/// 0 where somebody listens, else what errno says of a connection.
int connection_error(fs::path const& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    auto const& name = path.native();
    if (name.size() >= sizeof address.sun_path) return ENAMETOOLONG;
    name.copy(address.sun_path, name.size());
    Descriptor const socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (socket.get() < 0) return errno;
    auto const* const where = reinterpret_cast<sockaddr const*>(&address);
    if (::connect(socket.get(), where, sizeof address) == 0) return 0;
    return errno == EAGAIN ? 0 : errno; // somebody listens, and is busy
}

Result<void> make_room(fs::path const& path) {
    struct stat there{};
    if (::lstat(path.c_str(), &there) != 0) {
        if (errno == ENOENT) return {};
        return cannot_listen(path, errno);
    }
    if (!S_ISSOCK(there.st_mode))
        return cannot_listen(path, "what is there is no socket: move it away, or set another local.socket");
    auto const error = connection_error(path);
    if (error == 0)
        return cannot_listen(path, "another program listens there: stop it, or set another local.socket");
    if (error != ECONNREFUSED) return cannot_listen(path, error);
    if (::unlink(path.c_str()) != 0) return cannot_listen(path, errno);
    return {};
}

} // namespace

Result<std::unique_ptr<SocketFile>> SocketFile::claim(fs::path path) {
    auto held = lock(path);
    if (!held) return std::unexpected(std::move(held.error()));
    if (auto made = make_room(path); !made) return std::unexpected(std::move(made.error()));
    return std::make_unique<SocketFile>(std::move(path), std::move(*held));
}

SocketFile::~SocketFile() {
    struct stat there{};
    if (made_ && ::lstat(path_.c_str(), &there) == 0 && there.st_dev == made_->st_dev &&
        there.st_ino == made_->st_ino)
        ::unlink(path_.c_str());
}

Result<void> SocketFile::open_to_everybody() {
    // Connecting proves nothing and permits nothing: a message needs the same signature as over HTTP, unless
    // the kernel says that it is the operator's.
    constexpr mode_t everybody = 0666;
    struct stat there{};
    if (::chmod(path_.c_str(), everybody) != 0 || ::lstat(path_.c_str(), &there) != 0)
        return cannot_listen(path_, errno);
    made_ = there;
    return {};
}

} // namespace pointman::http
