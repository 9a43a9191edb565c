// SPDX-License-Identifier: Apache-2.0
// The messaging interface itself, without the typed messages: create, target, fill, secure, invoke.
#include "example.hpp"

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    using namespace pointman::client;
    auto messaging = example::must(Messaging::open());
    auto message = messaging.create_message();
    message.set_target_endpoint("MP_LocationManager");
    message.set_security_flags(security::mixed_mode | security::compress);
    message.set_body_from_string(
        R"(<SiteInformationRequest SchemaVersion="1.00"><SiteCode Name="LAB"/></SiteInformationRequest>)");
    auto const reply = example::must(messaging.invoke(argv[1], message));
    std::printf("%s\n", example::must(reply.body_string()).c_str());
}
