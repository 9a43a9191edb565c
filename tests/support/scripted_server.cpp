// SPDX-License-Identifier: Apache-2.0
#include "tests/support/scripted_server.hpp"

#include "base/number.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <array>
#include <mutex>
#include <netinet/in.h>
#include <optional>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace pointman::test {

namespace {

class Socket {
public:
    explicit Socket(int number)
        : number_(number) {}
    Socket(Socket const&) = delete;
    Socket& operator=(Socket const&) = delete;
    ~Socket() { ::close(number_); }
    int get() const { return number_; }

private:
    int number_;
};

/// Grows the buffer; false at the end.
bool read_more(int socket, std::string& buffer) {
    std::array<char, 65536> chunk{};
    auto const count = ::recv(socket, chunk.data(), chunk.size(), 0);
    if (count > 0) buffer.append(chunk.data(), static_cast<std::size_t>(count));
    return count > 0;
}

ScriptedRequest read_head(std::string_view head) {
    ScriptedRequest request;
    auto const line = head.substr(0, head.find("\r\n"));
    auto const space = line.find(' ');
    request.method = line.substr(0, space);
    request.target = line.substr(space + 1, line.rfind(' ') - space - 1);
    for (auto rest = head.substr(line.size() + 2); !rest.empty();) {
        auto const field = rest.substr(0, rest.find("\r\n"));
        auto const colon = field.find(':');
        request.headers[to_lower(field.substr(0, colon))] = trim(field.substr(colon + 1));
        rest.remove_prefix(std::min(field.size() + 2, rest.size()));
    }
    return request;
}

std::optional<ScriptedRequest> read_request(int socket, std::string& buffer) {
    auto end = buffer.find("\r\n\r\n");
    for (; end == std::string::npos; end = buffer.find("\r\n\r\n"))
        if (!read_more(socket, buffer)) return std::nullopt;
    auto request = read_head(std::string_view(buffer).substr(0, end));
    auto const length = number_in<std::size_t>(request.header("content-length")).value_or(0);
    buffer.erase(0, end + 4);
    while (buffer.size() < length)
        if (!read_more(socket, buffer)) return std::nullopt;
    request.body = buffer.substr(0, length);
    buffer.erase(0, length);
    return request;
}

void send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        auto const count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

} // namespace

struct ScriptedServer::Impl {
    Impl(Script script_, std::string const& path)
        : script(std::move(script_))
        , listener(::socket(path.empty() ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
        , url(path.empty() ? listen_on_a_port() : listen_on(path)) {
        acceptor = std::thread([this] { accept(); });
    }
    Impl(Impl const&) = delete;
    Impl& operator=(Impl const&) = delete;

    ~Impl() {
        ::shutdown(listener.get(), SHUT_RDWR);
        acceptor.join();
        for (auto const& one : connections) ::shutdown(one->get(), SHUT_RDWR);
        for (auto& thread : threads) thread.join();
    }

    template <class Address>
    void listen(Address& address) {
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener.get(), generic, size) != 0 || ::listen(listener.get(), 16) != 0 ||
            ::getsockname(listener.get(), generic, &size) != 0)
            throw std::runtime_error("the scripted server cannot listen");
    }

    std::string listen_on_a_port() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        listen(address);
        return fmt::format("http://127.0.0.1:{}", ntohs(address.sin_port));
    }

    std::string listen_on(std::string const& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        listen(address);
        return "unix:" + path;
    }

    void accept() {
        while (true) {
            int const number = ::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC);
            if (number < 0) return;
            connections.push_back(std::make_unique<Socket>(number));
            threads.emplace_back([this, number, count = connections.size()] { serve(number, count); });
        }
    }

    void serve(int socket, std::size_t connection) {
        std::string buffer;
        while (auto request = read_request(socket, buffer)) {
            request->connection = connection;
            {
                std::scoped_lock const lock(guard);
                received.push_back(*request);
            }
            auto const answer = script(*request);
            send_all(socket, answer.bytes);
            if (answer.then == ScriptedAnswer::Then::be_silent)
                continue; // a client that waits sends nothing more
            if (answer.then == ScriptedAnswer::Then::close) break;
        }
        ::shutdown(socket, SHUT_RDWR);
    }

    Script script;
    Socket listener;
    std::string url;
    mutable std::mutex guard; ///< connections run in threads
    std::vector<ScriptedRequest> received;
    std::vector<std::unique_ptr<Socket>> connections; ///< of the acceptor, until it has ended
    std::vector<std::thread> threads;
    std::thread acceptor;
};

std::string ScriptedRequest::header(std::string const& name) const {
    auto const found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
}

std::string http_answer(int status, std::map<std::string, std::string> const& headers,
                        std::string_view body) {
    auto text = fmt::format("HTTP/1.1 {} As Scripted\r\nContent-Length: {}\r\n", status, body.size());
    for (auto const& [name, value] : headers) text += fmt::format("{}: {}\r\n", name, value);
    return text + "\r\n" + std::string(body);
}

ScriptedServer::ScriptedServer(Script script, std::string const& socket)
    : impl_(std::make_unique<Impl>(std::move(script), socket)) {}
ScriptedServer::~ScriptedServer() = default;

std::string ScriptedServer::url() const {
    return impl_->url;
}

std::vector<ScriptedRequest> ScriptedServer::requests() const {
    std::scoped_lock const lock(impl_->guard);
    return impl_->received;
}

} // namespace pointman::test
