// SPDX-License-Identifier: Apache-2.0
#include "client/transport/resolve.hpp"

#include "client/transport/failure.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include <future>
#include <thread>

namespace pointman::client {

namespace {

using boost::asio::ip::tcp;
using Endpoints = std::vector<tcp::endpoint>;

struct Answer {
    boost::system::error_code error;
    Endpoints endpoints;
};

Answer look_up(std::string const& host, std::uint16_t port) {
    boost::asio::io_context context;
    Answer answer;
    auto const found = tcp::resolver(context).resolve(host, std::to_string(port), answer.error);
    for (auto const& entry : found) answer.endpoints.push_back(entry.endpoint());
    return answer;
}

} // namespace

Result<Endpoints> resolve(std::string const& host, std::uint16_t port, std::chrono::milliseconds deadline) {
    boost::system::error_code no_address;
    auto const address = boost::asio::ip::make_address(host, no_address);
    if (!no_address) return Endpoints{tcp::endpoint(address, port)};
    // The system's look-up cannot be interrupted. A thread that nobody waits for any more ends when it ends.
    std::packaged_task<Answer()> task([host, port] { return look_up(host, port); });
    auto future = task.get_future();
    std::thread(std::move(task)).detach();
    if (future.wait_for(deadline) != std::future_status::ready)
        return fail(Code::timeout, fmt::format("the address of {} did not come in time", host));
    auto answer = future.get();
    if (answer.endpoints.empty())
        return fail(Code::name_not_resolved,
                    fmt::format("no address for {}: {}", host, answer.error.message()));
    return std::move(answer.endpoints);
}

} // namespace pointman::client
