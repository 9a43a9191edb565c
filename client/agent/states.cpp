// SPDX-License-Identifier: Apache-2.0
#include "client/agent/states.hpp"

#include "base/time.hpp"
#include "client/agent/kept_files.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace pointman::client::agent {

namespace {

namespace json = boost::json;

/// The oldest ones are given up beyond that.
constexpr std::size_t most_states = 10'000;

json::object to_json(StateMessage const& state) {
    return {{"topic_id", state.topic_id},
            {"topic_type", state.topic_type},
            {"topic_id_type", state.topic_id_type},
            {"state_id", state.state_id},
            {"criticality", state.criticality},
            {"details", state.details},
            {"parameters", json::array(state.parameters.begin(), state.parameters.end())},
            {"time", iso_time_ms(state.time)}};
}

StateMessage read_state(json::object const& object) {
    return {.topic_id = text_in(object, "topic_id"),
            .topic_type = count_in(object, "topic_type"),
            .topic_id_type = count_in(object, "topic_id_type"),
            .state_id = count_in(object, "state_id"),
            .criticality = count_in(object, "criticality"),
            .details = text_in(object, "details"),
            .parameters = texts_in(object, "parameters"),
            .time = time_in(object, "time").value_or(Time{})};
}

/// A damaged file is told of: its states cannot be sent again.
std::vector<StateMessage> load(LocalClient const& client) {
    std::vector<StateMessage> states;
    auto const object = client.home().read(kept::states);
    if (!object) {
        client.tell(object.error().message);
        return states;
    }
    for (auto const& item : objects_in(*object, "states")) states.push_back(read_state(item));
    return states;
}

Result<void> save(LocalClient const& client, std::vector<StateMessage> const& states) {
    json::array array;
    for (auto const& state : states) array.emplace_back(to_json(state));
    return client.home().write(kept::states, {{"states", std::move(array)}});
}

bool is_same_topic(StateMessage const& a, StateMessage const& b) {
    return a.topic_type == b.topic_type && a.topic_id == b.topic_id;
}

Result<void> send(LocalClient& client, std::vector<StateMessage> states, StateMessage state) {
    auto const posted = post_states(client.session(), {&state, 1});
    if (!posted) return std::unexpected(posted.error());
    std::erase_if(states, [&state](StateMessage const& other) { return is_same_topic(other, state); });
    if (states.size() >= most_states) states.erase(states.begin());
    states.push_back(std::move(state));
    return save(client, states);
}

} // namespace

Result<void> report_state(LocalClient& client, StateMessage state) {
    return send(client, load(client), std::move(state));
}

Result<bool> report_state_change(LocalClient& client, StateMessage state) {
    auto states = load(client);
    bool const is_known = std::ranges::any_of(states, [&state](StateMessage const& other) {
        return is_same_topic(other, state) && other.state_id == state.state_id;
    });
    if (is_known) return false;
    auto const sent = send(client, std::move(states), std::move(state));
    if (!sent) return std::unexpected(sent.error());
    return true;
}

Result<std::size_t> report_all_states(LocalClient& client) {
    auto states = load(client);
    auto const count = states.size();
    states.push_back({.topic_id = "",
                      .topic_type = topic::resync,
                      .topic_id_type = 0,
                      .state_id = state_ok,
                      .time = client.now()});
    auto const posted = post_states(client.session(), states);
    if (!posted) return std::unexpected(posted.error());
    return count;
}

} // namespace pointman::client::agent
