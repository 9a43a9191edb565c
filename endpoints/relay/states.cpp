// SPDX-License-Identifier: Apache-2.0
#include "endpoints/relay/states.hpp"

#include "base/number.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "endpoints/report/fault.hpp"

#include <fmt/format.h>

#include <optional>
#include <string_view>

namespace pointman::endpoints::relay {

namespace {

using schemas::Element;

/// One message on its way out of the document, and what is wrong with it.
class Reading {
public:
    explicit Reading(Element const& element)
        : element_(element) {}

    Result<db::StateMessage> run() {
        read_topic();
        read_state();
        read_time_and_serial();
        read_details();
        read_parameters();
        if (fault_.empty()) return std::move(message_);
        return unusable_at(element_, std::move(fault_));
    }

private:
    void fault(std::string text) {
        if (fault_.empty()) fault_ = std::move(text);
    }

    /// An attribute; 0 where it is absent and may be.
    std::int64_t number(Element const& element, std::string_view name, bool is_needed) {
        auto const text = trim(element.attribute_or(name, ""));
        if (text.empty() && !is_needed) return 0;
        auto const value = number_in<std::int64_t>(text);
        if (!value || *value < 0)
            fault(fmt::format("{} of {} is \"{}\": no number", name, element.name(), text));
        return value.value_or(0);
    }

    void read_topic() {
        auto const topic = element_.child("Topic");
        if (!topic) return fault("a state message without Topic");
        message_.topic_type = number(*topic, "Type", true);
        message_.topic_id = trim(topic->attribute_or("ID", ""));
        message_.topic_id_type = number(*topic, "IDType", false);
        message_.user = trim(topic->attribute_or("User", ""));
        message_.user_sid = trim(topic->attribute_or("UserSID", ""));
    }

    void read_state() {
        auto const state = element_.child("State");
        if (!state) return fault("a state message without State");
        message_.state_id = number(*state, "ID", true);
        message_.criticality = number(*state, "Criticality", false);
    }

    void read_time_and_serial() {
        auto const text = trim(element_.attribute_or("MessageTime", ""));
        auto const time = parse_cim_time(text);
        if (!time) return fault(fmt::format("MessageTime is \"{}\": no CIM time", text));
        message_.time = *time;
        // Messages for a fallback status point have none.
        auto const serial = element_.attribute("SerialNumber");
        if (!serial) return;
        message_.serial = number_in<std::int64_t>(trim(*serial));
        if (!message_.serial || *message_.serial < 1)
            fault(fmt::format("SerialNumber is \"{}\": not from 1 to 2^63-1", trim(*serial)));
    }

    void read_details() {
        auto const details = element_.child("StateDetails");
        if (!details) return;
        message_.detail_type = number(*details, "Type", false);
        message_.details = details->text();
    }

    void read_parameters() {
        auto const parameters = element_.child("UserParameters");
        if (!parameters) return;
        message_.flags = number(*parameters, "Flags", false);
        for (Element const child : parameters->children()) {
            if (child.name() == "Param") message_.parameters.emplace_back(child.text());
        }
        auto const count = message_.parameters.size();
        if (count > most_parameters) fault(fmt::format("{} Param, and {} may be", count, most_parameters));
        auto const declared = parameters->attribute("Count");
        if (declared && number_in<std::size_t>(trim(*declared)) != count)
            fault(fmt::format("{} Param, and Count is \"{}\"", count, trim(*declared)));
    }

    Element const& element_;
    db::StateMessage message_;
    std::string fault_;
};

} // namespace

Result<ReportedStates> read_states(Element const& body) {
    ReportedStates states;
    std::size_t count = 0;
    for (Element const child : body.children()) {
        if (child.name() != "StateMessage") continue;
        if (++count > most_states) {
            return std::unexpected(fault_at(child, Code::limit_exceeded,
                                            fmt::format("more than {} state messages", most_states)));
        }
        auto message = Reading(child).run();
        if (message) {
            states.usable.push_back(std::move(*message));
        } else {
            states.unusable.push_back(std::move(message.error()));
        }
    }
    return states;
}

} // namespace pointman::endpoints::relay
