// SPDX-License-Identifier: Apache-2.0
// The listener of HTTP over a Unix socket.
#include "server/http/accept_loop.hpp"
#include "server/http/connection.hpp"
#include "server/http/socket_file.hpp"

#include <boost/asio/local/stream_protocol.hpp>

#include <optional>
#include <sys/socket.h>

namespace pointman::http {
namespace {

namespace asio = boost::asio;
using Protocol = asio::local::stream_protocol;

/// As the kernel noted it when the socket was connected: what the process does later changes nothing.
std::optional<PeerProcess> process_of(Protocol::socket& socket) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
        return std::nullopt;
    return PeerProcess{credentials.uid, credentials.pid};
}

class LocalListener final : public AcceptLoop<Protocol> {
public:
    LocalListener(asio::any_io_executor const& executor, std::shared_ptr<Core> core,
                  std::unique_ptr<SocketFile> file)
        : AcceptLoop(executor, std::move(core))
        , file_(std::move(file)) {}

    Result<void> bind(std::filesystem::path const& path) {
        acceptor_.open();
        acceptor_.bind(Protocol::endpoint(path.native()));
        if (auto opened = file_->open_to_everybody(); !opened) return opened;
        acceptor_.listen();
        bound_ = path.string();
        return {};
    }

private:
    void take(Protocol::socket socket) override {
        auto const process = process_of(socket);
        if (!process) return; // gone already
        auto const peer = process->text();
        admit(peer, [&](Gate::Slot slot) {
            start_connection(std::move(socket), core_, std::move(slot), {.text = peer, .process = process});
        });
    }

    void closed() override { file_.reset(); }

    std::unique_ptr<SocketFile> file_;
};

} // namespace

Result<std::shared_ptr<Listener>> open_local_listener(asio::any_io_executor const& executor,
                                                      std::filesystem::path const& path,
                                                      std::shared_ptr<Core> core) {
    auto file = SocketFile::claim(path);
    if (!file) return std::unexpected(std::move(file.error()));
    auto listener = std::make_shared<LocalListener>(executor, std::move(core), std::move(*file));
    try {
        if (auto bound = listener->bind(path); !bound) return std::unexpected(std::move(bound.error()));
    } catch (boost::system::system_error const& error) {
        return fail(Code::io, fmt::format("cannot listen on {}: {}", path.string(), error.code().message()));
    }
    return listener;
}

} // namespace pointman::http
