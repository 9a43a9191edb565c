// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pointman::test {

/// A plain blocking socket on 127.0.0.1. Reading gives up after ten seconds, so that a broken server fails a
/// test rather than hanging it.
class Client {
public:
    /// `address` as Server::listen returns it.
    explicit Client(std::string const& address);
    Client(Client&& other) noexcept;
    Client& operator=(Client&&) = delete;
    ~Client();

    /// False where the other side has closed.
    bool send(std::string_view bytes);
    void shutdown_send();
    /// Everything until the other side closes.
    std::string read_all();
    /// Status line, headers and body of one answer, framed by Content-Length; "" at the end of the
    /// connection.
    std::string read_answer(bool head_only = false);
    /// What has come as soon as `count` bytes are there.
    std::string read_some(std::size_t count);
    /// Whether the other side has closed (waits for it, or for a byte).
    bool at_end();
    int descriptor() const { return descriptor_; }

private:
    bool fill();
    int descriptor_ = -1;
    std::string buffer_;
};

/// The status of an answer; 0 where it is none.
int status_of(std::string_view answer);
/// The value of a header, found by its exact spelling; "(absent)" where it is not there.
std::string header_of(std::string_view answer, std::string_view name);
std::string body_of(std::string_view answer);

} // namespace pointman::test
