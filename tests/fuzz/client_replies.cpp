// SPDX-License-Identifier: Apache-2.0
// What a management point, or somebody in its place, answers to a client: the first byte chooses the reader.
#include "base/bytes.hpp"
#include "client/messaging/queue_file.hpp"
#include "client/messaging/reply.hpp"

#include <cstdint>
#include <cstdlib>
#include <pointman/location.hpp>
#include <pointman/policy.hpp>
#include <pointman/registration.hpp>
#include <span>

namespace {

using namespace pointman::client;
using pointman::as_chars;

/// Whatever comes is read, or refused as what it is.
template <class T>
void require(Result<T> const& result, std::initializer_list<Code> failures) {
    if (result) return;
    for (auto const code : failures)
        if (result.error().code == code) return;
    std::abort();
}

void read_message(std::string_view text) {
    HttpReply reply{.status = 200,
                    .reason = {},
                    .headers = {{"Content-Type", std::string(pointman::wire::content_type)}},
                    .body = std::string(text)};
    auto const message = read_reply(reply, {}, std::size_t{1} << 20U);
    require(message, {Code::bad_reply, Code::no_reply});
    if (message) require(message->body_string(), {}); // a reply's body is a text
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    auto const bytes = std::as_bytes(std::span(data, size)).subspan(1);
    auto const text = as_chars(bytes);
    switch (data[0] % 10) {
    case 0:
        require(read_registration_reply(text), {Code::bad_reply});
        break;
    case 1:
        require(read_policy_assignments(text), {Code::bad_reply});
        break;
    case 2:
        require(read_content_locations(text), {Code::bad_reply});
        break;
    case 3:
        require(read_local_mps(text), {Code::bad_reply});
        break;
    case 4:
        require(read_update_servers(text), {Code::bad_reply});
        break;
    case 5:
        require(read_site_information(text), {Code::bad_reply});
        break;
    case 6:
        require(read_management_points(text), {Code::bad_reply});
        break;
    case 7:
        require(read_management_point_list(text), {Code::bad_reply});
        break;
    case 8:
        require(read_queue_file(bytes), {Code::storage});
        break;
    default:
        read_message(text);
    }
    return 0;
}
