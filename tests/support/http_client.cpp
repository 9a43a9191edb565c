// SPDX-License-Identifier: Apache-2.0
#include "tests/support/http_client.hpp"

#include "base/text.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace pointman::test {

struct HttpConnection::Impl {
    int socket = -1;
    SSL_CTX* context = nullptr;
    SSL* ssl = nullptr;
    std::string buffer;

    Impl() = default;
    Impl(Impl const&) = delete;
    Impl& operator=(Impl const&) = delete;
    ~Impl() {
        SSL_free(ssl);
        SSL_CTX_free(context);
        if (socket >= 0) ::close(socket);
    }

    /// 0 at the end of the connection, negative on an error or timeout.
    long read_some() {
        std::array<char, std::size_t{16} * 1024> chunk{};
        auto const got = ssl != nullptr ? SSL_read(ssl, chunk.data(), static_cast<int>(chunk.size()))
                                        : ::recv(socket, chunk.data(), chunk.size(), 0);
        if (got > 0) buffer.append(chunk.data(), static_cast<std::size_t>(got));
        return got;
    }

    void fill(char const* what) {
        auto const got = read_some();
        if (got == 0) throw std::runtime_error(fmt::format("connection closed before {}", what));
        if (got < 0) throw std::runtime_error(fmt::format("no {}: {}", what, std::strerror(errno)));
    }

    std::string take(std::size_t count, char const* what) {
        while (buffer.size() < count) fill(what);
        auto result = buffer.substr(0, count);
        buffer.erase(0, count);
        return result;
    }

    std::string take_line() {
        std::size_t end = 0;
        while ((end = buffer.find("\r\n")) == std::string::npos) fill("line");
        auto line = buffer.substr(0, end);
        buffer.erase(0, end + 2);
        return line;
    }
};

namespace {

/// Where a connection goes, in the system's form.
struct Place {
    sockaddr_storage address{};
    socklen_t size = 0;
};

template <class Address>
Place place_of(Address const& address) {
    Place place;
    std::memcpy(&place.address, &address, sizeof address);
    place.size = sizeof address;
    return place;
}

Place place_of(std::string const& address) {
    if (address.starts_with('/')) {
        sockaddr_un to{};
        to.sun_family = AF_UNIX;
        if (address.size() >= sizeof to.sun_path)
            throw std::runtime_error("too long for a socket: " + address);
        address.copy(to.sun_path, address.size());
        return place_of<sockaddr_un>(to);
    }
    auto const colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
    return place_of<sockaddr_in>(to);
}

int connect_to(std::string const& address) {
    auto const to = place_of(address);
    bool const is_tcp = to.address.ss_family == AF_INET;
    int const descriptor = ::socket(to.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) throw std::runtime_error("no socket");
    timeval const patience{10, 0};
    int const one = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (is_tcp) setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (::connect(descriptor, reinterpret_cast<sockaddr const*>(&to.address), to.size) != 0) {
        int const error = errno;
        ::close(descriptor);
        throw std::runtime_error(fmt::format("cannot connect to {}: {}", address, std::strerror(error)));
    }
    return descriptor;
}

} // namespace

std::string HttpResponse::header(std::string const& name) const {
    auto const found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
}

HttpConnection::HttpConnection(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
HttpConnection::HttpConnection(HttpConnection&&) noexcept = default;
HttpConnection& HttpConnection::operator=(HttpConnection&&) noexcept = default;
HttpConnection::~HttpConnection() = default;

HttpConnection HttpConnection::plain(std::string const& address) {
    auto impl = std::make_unique<Impl>();
    impl->socket = connect_to(address);
    return HttpConnection(std::move(impl));
}

HttpConnection HttpConnection::tls(std::string const& address, std::string const& ca_pem,
                                   std::string const& host, std::string const& credentials) {
    auto impl = std::make_unique<Impl>();
    impl->context = SSL_CTX_new(TLS_client_method());
    if (SSL_CTX_load_verify_locations(impl->context, ca_pem.c_str(), nullptr) != 1) {
        throw std::runtime_error("cannot read the root " + ca_pem);
    }
    SSL_CTX_set_verify(impl->context, SSL_VERIFY_PEER, nullptr);
    if (!credentials.empty() &&
        (SSL_CTX_use_certificate_chain_file(impl->context, credentials.c_str()) != 1 ||
         SSL_CTX_use_PrivateKey_file(impl->context, credentials.c_str(), SSL_FILETYPE_PEM) != 1)) {
        throw std::runtime_error("cannot use " + credentials);
    }
    impl->socket = connect_to(address);
    impl->ssl = SSL_new(impl->context);
    SSL_set1_host(impl->ssl, host.c_str());
    // What SSL_set_tlsext_host_name does, without its C cast.
    SSL_ctrl(impl->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(host.c_str()));
    SSL_set_fd(impl->ssl, impl->socket);
    if (SSL_connect(impl->ssl) != 1) throw std::runtime_error("the TLS handshake failed");
    return HttpConnection(std::move(impl));
}

void HttpConnection::send(std::string_view bytes) {
    while (!bytes.empty()) {
        auto const sent = impl_->ssl != nullptr
                              ? SSL_write(impl_->ssl, bytes.data(), static_cast<int>(bytes.size()))
                              : ::send(impl_->socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) throw std::runtime_error("cannot send");
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

HttpResponse HttpConnection::receive(bool head_only) {
    HttpResponse response;
    auto const status_line = impl_->take_line();
    if (!status_line.starts_with("HTTP/1.")) throw std::runtime_error("no HTTP answer: " + status_line);
    response.status = std::stoi(status_line.substr(9, 3));
    response.reason = status_line.size() > 13 ? status_line.substr(13) : "";
    for (auto line = impl_->take_line(); !line.empty(); line = impl_->take_line()) {
        auto const colon = line.find(':');
        response.headers.emplace(to_lower(line.substr(0, colon)), std::string(trim(line.substr(colon + 1))));
    }
    auto const length = response.header("content-length");
    if (response.status != 100 && !head_only && !length.empty()) {
        response.body = to_bytes(impl_->take(std::stoul(length), "body"));
    }
    return response;
}

bool HttpConnection::closed_by_peer() {
    while (true) {
        auto const got = impl_->read_some();
        if (got > 0) continue;
        return got == 0 || errno == ECONNRESET || impl_->ssl != nullptr;
    }
}

HttpResponse HttpConnection::request(std::string_view method, std::string_view target,
                                     std::vector<std::pair<std::string, std::string>> const& headers,
                                     BytesView body) {
    auto head = fmt::format("{} {} HTTP/1.1\r\nHost: lab\r\n", method, target);
    for (auto const& [name, value] : headers) head += fmt::format("{}: {}\r\n", name, value);
    if (!body.empty() || method != "GET") head += fmt::format("Content-Length: {}\r\n", body.size());
    send(head + "\r\n" + std::string(as_chars(body)));
    return receive(method == "HEAD");
}

} // namespace pointman::test
