// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"
#include "db/states.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/of_client.hpp"
#include "server/cli/output.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <optional>
#include <vector>

namespace pointman::cli {

namespace {

struct StateOptions {
    std::string client;
    std::int64_t topic = 0; ///< 0 = any
    bool history = false;

    db::States::Filter filter(std::optional<ClientId> of = {}) const {
        return {std::move(of), topic == 0 ? std::nullopt : std::optional(topic), history};
    }
};

boost::json::value optional_number(std::optional<std::int64_t> number) {
    return number ? boost::json::value(*number) : boost::json::value(nullptr);
}

boost::json::object to_json(db::TakenState const& taken) {
    auto const& message = taken.message;
    return {{"smsid", taken.client.text()},
            {"name", taken.name},
            {"topic_type", message.topic_type},
            {"topic_name", taken.topic_name},
            {"topic_id", message.topic_id},
            {"topic_id_type", message.topic_id_type},
            {"state_id", message.state_id},
            {"state_name", taken.state_name},
            {"time", iso_time_ms(message.time)},
            {"serial", optional_number(message.serial)},
            {"criticality", message.criticality},
            {"details", message.details},
            {"parameters", boost::json::array(message.parameters.begin(), message.parameters.end())},
            {"user", message.user},
            {"user_sid", message.user_sid},
            {"received", iso_time_ms(taken.received)},
            {"current", taken.is_current}};
}

boost::json::array to_json(std::vector<db::TakenState> const& states) {
    boost::json::array array;
    for (auto const& each : states) array.emplace_back(to_json(each));
    return array;
}

boost::json::array to_json(std::vector<db::SerialGap> const& gaps) {
    boost::json::array array;
    for (auto const& gap : gaps)
        array.push_back({{"first", gap.first}, {"last", gap.last}, {"noticed", iso_time_ms(gap.noticed)}});
    return array;
}

/// What a number means, where that is known.
std::string named(std::int64_t number, std::string const& name) {
    return name.empty() ? std::to_string(number) : fmt::format("{} ({})", number, name);
}

void print_states(std::vector<db::TakenState> const& states, bool with_client) {
    std::vector<std::vector<std::string>> rows;
    rows.reserve(states.size());
    for (auto const& each : states) {
        auto const& message = each.message;
        std::vector<std::string> row{iso_time(message.time), named(message.topic_type, each.topic_name),
                                     named(message.state_id, each.state_name), shown(message.topic_id)};
        if (with_client) row.insert(row.begin() + 1, shown(each.name));
        rows.push_back(std::move(row));
    }
    if (with_client) {
        print_table({"TIME", "CLIENT", "TOPIC", "STATE", "ID"}, rows);
    } else {
        print_table({"TIME", "TOPIC", "STATE", "ID"}, rows);
    }
}

int list_states(Target const& target, StateOptions const& options) {
    auto store = target.open();
    if (!store) return report(store.error());
    auto const states = (*store)->read(
        [&options](db::Session& session) { return db::States(session).list(options.filter()); });
    if (!states) return report(states.error());
    if (target.json) {
        print_json(to_json(*states));
    } else {
        print_states(*states, true);
    }
    return done;
}

/// The states of a client, and how far its serial numbers have come.
struct ClientStates {
    ClientId client;
    std::vector<db::TakenState> states;
    db::StateSequence sequence;
};

int show_states(Target const& target, StateOptions const& options) {
    auto const shown_states =
        read_of_client(target, options.client,
                       [&options](db::Session& session, ClientId const& client) -> Result<ClientStates> {
                           db::States const all(session);
                           auto states = all.list(options.filter(client));
                           if (!states) return std::unexpected(std::move(states.error()));
                           auto sequence = all.sequence(client);
                           if (!sequence) return std::unexpected(std::move(sequence.error()));
                           return ClientStates{client, std::move(*states), std::move(*sequence)};
                       });
    if (!shown_states) return report(shown_states.error());
    auto const& [client, states, sequence] = *shown_states;
    if (target.json) {
        print_json(boost::json::object{{"smsid", client.text()},
                                       {"newest_serial", sequence.newest},
                                       {"resync_requested", sequence.resync_serial.has_value()},
                                       {"gaps", to_json(sequence.gaps)},
                                       {"states", to_json(states)}});
        return done;
    }
    print_states(states, false);
    for (auto const& gap : sequence.gaps) {
        fmt::print("missing since {}: serial numbers {} to {}\n", iso_time(gap.noticed), gap.first, gap.last);
    }
    if (sequence.resync_serial) fmt::print("the client is asked for all its states\n");
    return done;
}

} // namespace

void add_state_command(CLI::App& program, Action& action) {
    Commands const commands(program, action, "state", "what clients report as state");
    auto const& target = commands.target();
    auto options = std::make_shared<StateOptions>();
    auto const add_filters = [&options](CLI::App* command) {
        command->add_option("--topic", options->topic, "only that type of topics")->type_name("N");
        command->add_flag("--history", options->history, "the states of before as well");
    };
    add_filters(commands.add("list", "the current states of all clients",
                             [target, options] { return list_states(*target, *options); }));
    auto* one = commands.add("show", "the current states of a client, and what is missing",
                             [target, options] { return show_states(*target, *options); });
    one->add_option("client", options->client, "SMSID or name")->required()->type_name("CLIENT");
    add_filters(one);
}

} // namespace pointman::cli
