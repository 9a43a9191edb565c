// SPDX-License-Identifier: Apache-2.0
// MP_RelayEndpoint: says how long a program was used.
#include "example.hpp"

#include <pointman/metering.hpp>

int main(int argc, char** argv) {
    example::Client client(argc, argv);
    auto const session = client.registered();
    auto const now = session.messaging.now();
    pointman::client::MeteredFile const editor{.file_name = "wedit",
                                               .file_size = 2406912,
                                               .file_version = "3.2.0.118",
                                               .product = "Widget Editor",
                                               .usages = {{.id = "{91D0C5A7-2B64-4E0C-A1F8-0C6B6E3D7F25}",
                                                           .user = "LAB\\mueller",
                                                           .start = now - std::chrono::hours{2},
                                                           .end = now}}};
    example::must(post_metering(session, {&editor, 1}));
    client.deliver();
}
