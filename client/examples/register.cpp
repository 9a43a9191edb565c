// SPDX-License-Identifier: Apache-2.0
// MP_ClientRegistration: registers, and asks whether that holds.
#include "example.hpp"

int main(int argc, char** argv) {
    example::Client client(argc, argv);
    auto const reply = example::must(register_client(client.session()));
    std::printf("%s, status %d\n", reply.smsid.c_str(), static_cast<int>(reply.status));
    auto const confirmed = example::must(confirm_registration(client.session()));
    std::printf("confirmed, status %d\n", static_cast<int>(confirmed.status));
}
