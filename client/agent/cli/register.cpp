// SPDX-License-Identifier: Apache-2.0
#include "client/agent/cli/commands.hpp"
#include "client/agent/registering.hpp"

#include <fmt/format.h>

#include <chrono>
#include <thread>

namespace pointman::client::agent::cli {

namespace {

/// Registers, and asks again until the client is approved or the time is over.
Result<Registration> register_within(LocalClient& client, std::chrono::seconds patience) {
    // Between 30 seconds and five minutes (registration.md 3), or what is left.
    constexpr std::chrono::seconds pause{30};
    for (;;) {
        auto registration = ensure_registration(client);
        if (!registration || registration->standing == Standing::approved || patience.count() <= 0)
            return registration;
        auto const rest = std::min(pause, patience);
        std::this_thread::sleep_for(rest);
        patience -= rest;
    }
}

int run_register(Common const& common, LocalClient& client, std::chrono::seconds patience) {
    auto const registration = register_within(client, patience);
    if (!registration) return report(registration.error());
    bool const approved = registration->standing == Standing::approved;
    auto const& settings = client.settings();
    if (common.json) {
        print_json(boost::json::object{{"smsid", registration->smsid},
                                       {"approved", approved},
                                       {"server", settings.server},
                                       {"site", settings.site}});
    } else {
        print_fields({{"smsid", registration->smsid},
                      {"approved", approved ? "yes" : "no: an administrator has to approve this client"},
                      {"server", settings.server},
                      {"site", settings.site}});
    }
    return approved ? done : failed;
}

} // namespace

void add_register(CLI::App& program) {
    auto patience = std::make_shared<unsigned>(0);
    auto* const command =
        add_command(program, "register", "register this client, or confirm that it is registered",
                    [patience](Common const& common, LocalClient& client) {
                        return run_register(common, client, std::chrono::seconds{*patience});
                    });
    command->add_option("--wait", *patience, "wait so long for approval")->type_name("SECONDS");
}

} // namespace pointman::client::agent::cli
