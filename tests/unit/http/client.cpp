// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/http/client.hpp"

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

namespace pointman::test {

Client::Client(std::string const& address)
    : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    auto const colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
    timeval const patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    // sockaddr is the interface's base class in C.
    if (::connect(descriptor_, reinterpret_cast<sockaddr const*>(&to), sizeof to) != 0) {
        ::close(descriptor_);
        throw std::runtime_error("cannot connect to " + address);
    }
}

Client::Client(Client&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1))
    , buffer_(std::move(other.buffer_)) {}

Client::~Client() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

bool Client::send(std::string_view bytes) {
    while (!bytes.empty()) {
        auto const count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

void Client::shutdown_send() {
    ::shutdown(descriptor_, SHUT_WR);
}

bool Client::fill() {
    std::array<char, 65536> piece{};
    auto const count = ::recv(descriptor_, piece.data(), piece.size(), 0);
    if (count < 0 && errno == EAGAIN) throw std::runtime_error("nothing came in time");
    if (count <= 0) return false;
    buffer_.append(piece.data(), static_cast<std::size_t>(count));
    return true;
}

std::string Client::read_all() {
    while (fill()) {
    }
    return std::exchange(buffer_, {});
}

std::string Client::read_answer(bool head_only) {
    auto end = buffer_.find("\r\n\r\n");
    for (; end == std::string::npos; end = buffer_.find("\r\n\r\n")) {
        if (!fill()) return std::exchange(buffer_, {});
    }
    auto size = end + 4;
    auto const length = header_of(std::string_view(buffer_).substr(0, size), "Content-Length");
    if (!head_only && length != "(absent)") size += std::stoul(length);
    return read_some(size);
}

std::string Client::read_some(std::size_t count) {
    while (buffer_.size() < count && fill()) {
    }
    auto part = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return part;
}

bool Client::at_end() {
    return buffer_.empty() && !fill();
}

int status_of(std::string_view answer) {
    if (!answer.starts_with("HTTP/1.1 ") || answer.size() < 12) return 0;
    return std::stoi(std::string(answer.substr(9, 3)));
}

std::string header_of(std::string_view answer, std::string_view name) {
    auto const head = answer.substr(0, answer.find("\r\n\r\n"));
    auto const start = head.find("\r\n" + std::string(name) + ": ");
    if (start == std::string_view::npos) return "(absent)";
    auto const value = head.substr(start + name.size() + 4);
    return std::string(value.substr(0, value.find("\r\n")));
}

std::string body_of(std::string_view answer) {
    auto const end = answer.find("\r\n\r\n");
    return end == std::string_view::npos ? std::string{} : std::string(answer.substr(end + 4));
}

} // namespace pointman::test
