// SPDX-License-Identifier: Apache-2.0
// What the load runs share: a generator's connection, and what it sends.
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "server/wire/message.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace pointman::bench {

template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(describe(result.error()));
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// One connection that sends the same bytes again and again and reads the answers by their length.
class Connection {
public:
    explicit Connection(std::string const& address)
        : socket_(io_) {
        auto const colon = address.rfind(':');
        socket_.connect({boost::asio::ip::make_address(address.substr(0, colon)),
                         static_cast<std::uint16_t>(std::stoul(address.substr(colon + 1)))});
        socket_.set_option(boost::asio::ip::tcp::no_delay(true));
    }

    /// Returns the status.
    unsigned exchange(std::string const& request) {
        boost::asio::write(socket_, boost::asio::buffer(request));
        auto const end = [this] { return received_.find("\r\n\r\n"); };
        while (end() == std::string::npos) read_some();
        auto const head = std::string_view(received_).substr(0, end());
        constexpr std::string_view name = "Content-Length: ";
        auto const at = head.find(name);
        std::size_t const length =
            at == std::string_view::npos ? 0 : std::stoul(std::string(head.substr(at + name.size(), 12)));
        auto const status = static_cast<unsigned>(std::stoul(std::string(head.substr(9, 3))));
        auto const whole = head.size() + 4 + length;
        while (received_.size() < whole) read_some();
        body_size_ = length;
        received_.erase(0, whole);
        return status;
    }
    std::size_t body_size() const { return body_size_; }

private:
    void read_some() {
        auto const size = received_.size();
        constexpr std::size_t block = 16'384;
        received_.resize(size + block);
        received_.resize(size + socket_.read_some(boost::asio::buffer(received_.data() + size, block)));
    }

    boost::asio::io_context io_;
    boost::asio::ip::tcp::socket socket_;
    std::string received_;
    std::size_t body_size_ = 0;
};

inline std::chrono::nanoseconds cpu_time(clockid_t clock) {
    timespec time{};
    static_cast<void>(clock_gettime(clock, &time));
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

inline std::string post(BytesView body) {
    return fmt::format("CCM_POST /ccm_system/request HTTP/1.1\r\nHost: lab\r\nContent-Type: {}\r\n"
                       "Content-Length: {}\r\n\r\n{}",
                       wire::content_type, body.size(), as_chars(body));
}

/// Sends each request once, over so many connections at a time. Throws where an answer is no 200.
inline double posts_per_second(std::string const& address, std::vector<std::string> const& requests,
                               unsigned connections) {
    std::atomic<std::size_t> next{0};
    std::atomic<unsigned> bad{0};
    auto const started = std::chrono::steady_clock::now();
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < connections; ++i) {
        threads.emplace_back([&] {
            Connection connection(address);
            for (auto number = next++; number < requests.size(); number = next++) {
                if (connection.exchange(requests[number]) != 200) ++bad;
            }
        });
    }
    threads.clear();
    if (bad != 0) throw std::runtime_error(fmt::format("{} answers were no 200", bad.load()));
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - started;
    return static_cast<double>(requests.size()) / took.count();
}

} // namespace pointman::bench
