// SPDX-License-Identifier: Apache-2.0
// Every public header, and one call into the library through each of its parts.
#include <cstdio>
#include <pointman/collected_files.hpp>
#include <pointman/credentials.hpp>
#include <pointman/error.hpp>
#include <pointman/identity.hpp>
#include <pointman/location.hpp>
#include <pointman/message.hpp>
#include <pointman/messaging.hpp>
#include <pointman/metering.hpp>
#include <pointman/policy.hpp>
#include <pointman/registration.hpp>
#include <pointman/report.hpp>
#include <pointman/session.hpp>
#include <pointman/state.hpp>
#include <pointman/status.hpp>

int main() {
    using namespace pointman::client;
    auto messaging = Messaging::open();
    if (!messaging) return 1;
    auto message = messaging->create_message();
    message.set_target_endpoint("MP_LocationManager");
    message.set_body_from_string(site_information_request("LAB"));
    auto const reply = messaging->invoke("", message);
    auto const list = read_management_point_list("<MPList><MP Name=\"MP1\"/></MPList>");
    std::printf("%s %s\n", std::string(name_of(reply.error().code)).c_str(), list->front().name.c_str());
}
