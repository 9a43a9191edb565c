// SPDX-License-Identifier: Apache-2.0
#include "client/agent/policy_body.hpp"

#include "base/text.hpp"
#include "client/agent/condition.hpp"
#include "client/messages/policy_reading.hpp"
#include "client/messages/reply_reading.hpp"

#include <algorithm>

namespace pointman::client::agent {

namespace {

using schemas::Element;

PolicyInstance read_instance(Element const& element) {
    PolicyInstance instance{.class_name = value_of(element, "class"), .properties = {}};
    for (Element const child : element.children()) {
        if (child.name() != "property") continue;
        PolicyProperty property{
            .name = value_of(child, "name"), .is_secret = value_of(child, "secret") == "1", .values = {}};
        for (Element const value : child.children())
            if (value.name() == "value") property.values.emplace_back(trim(value.text()));
        instance.properties.push_back(std::move(property));
    }
    return instance;
}

void read_actions(Element const& rule, std::vector<PolicyInstance>& instances) {
    for (Element const action : rule.children()) {
        if (action.name() != "PolicyAction") continue;
        for (Element const child : action.children())
            if (child.name() == "instance") instances.push_back(read_instance(child));
    }
}

} // namespace

std::vector<std::string> PolicyInstance::values(std::string_view name) const {
    auto const found = std::ranges::find_if(properties, [name](PolicyProperty const& property) {
        return equal_ignoring_case(property.name, name);
    });
    return found == properties.end() ? std::vector<std::string>() : found->values;
}

std::string PolicyInstance::value(std::string_view name) const {
    auto const all = values(name);
    return all.empty() ? std::string() : all.front();
}

Result<PolicyBody> read_policy_instances(std::string_view xml, inventory::Snapshot const& facts) {
    auto const document = parse_reply(xml, "Policy");
    if (!document) return std::unexpected(document.error());
    auto const root = document->root();
    PolicyBody body{.policy_id = value_of(root, "PolicyID"),
                    .version = value_of(root, "PolicyVersion"),
                    .instances = {},
                    .unknown_conditions = {}};
    for (Element const rule : root.children()) {
        if (rule.name() != "PolicyRule") continue;
        auto const condition = read_condition(rule);
        auto const applies = holds(condition, facts);
        if (!applies) body.unknown_conditions.push_back(text_of(condition));
        if (applies.value_or(false)) read_actions(rule, body.instances);
    }
    return body;
}

} // namespace pointman::client::agent
