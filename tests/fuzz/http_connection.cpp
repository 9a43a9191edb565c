// SPDX-License-Identifier: Apache-2.0
// A connection from its first byte to its end: heads, bodies, pipelining, refusals. The stream is memory.
// The first byte of the input says how many bytes each read returns (0: as many as fit), the rest is what the
// client sends.
#include "server/http/connection.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace pointman;
namespace asio = boost::asio;

void require(bool condition) {
    if (!condition) std::abort();
}

asio::awaitable<http::Response> answer(http::Request const& request) {
    require(!request.path.empty() && (request.path.front() == '/' || request.path == "*"));
    require(request.path.find('\0') == std::string::npos);
    require(request.body.size() <= 4096);
    http::Response response;
    response.headers.emplace_back("X-Target", request.target);
    response.body = request.body;
    co_return response;
}

http::Limits small_limits() {
    http::Limits limits;
    limits.max_head = 1024;
    limits.max_in_flight = 2048;
    return limits;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    static ManualClock const clock{TimePoint{}};
    asio::io_context context{1};
    auto const core = std::make_shared<http::Core>(std::vector<asio::any_io_executor>{context.get_executor()},
                                                   small_limits(), clock, log::Log{});
    core->admit = [](http::Head const& head) {
        return http::Admission{.max_body = 4096, .refuse_status = head.method == "TRACE" ? 405U : 0U};
    };
    core->handler = answer;
    auto const state = std::make_shared<http::MemoryStream::State>();
    auto const* const bytes = reinterpret_cast<std::byte const*>(data);
    state->piece = data[0];
    state->input.assign(bytes + 1, bytes + size);

    auto slot = core->gate.enter("127.0.0.1");
    http::MemoryStream stream(context.get_executor(), state);
    http::start_connection(std::move(stream), core, std::move(*slot), {.text = "127.0.0.1"});
    context.run();

    require(core->gate.empty() && core->counters.in_flight == 0);
    require(state->output.empty() || state->output.starts_with("HTTP/1.1 "));
    return 0;
}
