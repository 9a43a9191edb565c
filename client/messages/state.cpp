// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "base/time.hpp"
#include "client/messages/relay.hpp"
#include "client/transport/failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <pointman/state.hpp>

namespace pointman::client {

namespace {

std::string details_of(StateMessage const& state) {
    if (state.details.empty()) return {};
    constexpr int as_string = 2;
    return fmt::format(R"(<StateDetails Type="{}">{}</StateDetails>)", as_string, escape_xml(state.details));
}

std::string element(StateMessage const& state, std::uint64_t serial) {
    std::string parameters;
    for (auto const& parameter : state.parameters)
        parameters += fmt::format("<Param>{}</Param>", escape_xml(parameter));
    return fmt::format(
        R"(<StateMessage MessageTime="{}" SerialNumber="{}"><Topic ID="{}" Type="{}" IDType="{}"/>)"
        R"(<State ID="{}" Criticality="{}"/>{}<UserParameters Flags="0" Count="{}">{}</UserParameters></StateMessage>)",
        cim_time(state.time), serial, escape_xml(state.topic_id), state.topic_type, state.topic_id_type,
        state.state_id, state.criticality, details_of(state), state.parameters.size(), parameters);
}

} // namespace

std::string state_report(Sender const& sender, Time date, std::span<StateMessage const> states,
                         std::uint64_t first_serial) {
    std::string body;
    for (auto const& state : states) body += element(state, first_serial++);
    return report(sender, "State Message Data", "Full", "1.0", date, "", body);
}

Result<std::string> post_states(Session const& session, std::span<StateMessage const> states) {
    if (states.empty()) return fail(Code::invalid_argument, "there is no state to send");
    bool const too_many = std::ranges::any_of(
        states, [](StateMessage const& state) { return state.parameters.size() > most_state_parameters; });
    if (too_many)
        return fail(Code::invalid_argument,
                    fmt::format("a state has more than {} parameters", most_state_parameters));
    auto const first = session.identity.take_serials(states.size());
    if (!first) return std::unexpected(first.error());
    auto const xml = state_report(session.sender(), session.messaging.now(), states, *first);
    return session.messaging.post(session.host, relay_message(session, "SMX", xml));
}

} // namespace pointman::client
