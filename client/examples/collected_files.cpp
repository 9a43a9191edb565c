// SPDX-License-Identifier: Apache-2.0
// MP_SinvCollFileEndpoint: hands in a copy of a file.
#include "example.hpp"

#include <pointman/collected_files.hpp>

int main(int argc, char** argv) {
    example::Client client(argc, argv);
    auto const session = client.registered();
    pointman::client::CollectedFile hosts{
        .name = "hosts", .path = "/etc/", .modified = session.messaging.now()};
    auto const bytes = std::as_bytes(std::span("127.0.0.1 localhost\n", 20));
    hosts.content.assign(bytes.begin(), bytes.end());
    example::must(post_collected_files(session, {}, {&hosts, 1}));
    client.deliver();
}
