// SPDX-License-Identifier: Apache-2.0
// StatusReceiver: says that a program was started.
#include "example.hpp"

#include <pointman/status.hpp>

int main(int argc, char** argv) {
    example::Client client(argc, argv);
    example::must(post_status(client.registered(), {.type = "SoftDistProgramStartedEvent",
                                                    .properties = {{"AdvertisementId", "LAB20001"},
                                                                   {"PackageName", "LAB00001"},
                                                                   {"ProgramName", "install"}}}));
    client.deliver();
}
