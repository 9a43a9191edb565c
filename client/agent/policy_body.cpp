// SPDX-License-Identifier: Apache-2.0
#include "client/agent/policy_body.hpp"

#include "base/number.hpp"
#include "base/text.hpp"
#include "client/messages/policy_reading.hpp"
#include "client/messages/reply_reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

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

/// The words of a query; texts in quotes are one word, without the quotes.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!(text = trim(text)).empty()) {
        auto const quote =
            text.front() == '"' || text.front() == '\'' ? text.substr(0, 1) : std::string_view();
        if (!quote.empty()) text.remove_prefix(1);
        auto const end = std::min(text.find_first_of(quote.empty() ? " \t\r\n" : quote), text.size());
        words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

std::vector<unsigned> parts_of_version(std::string_view text) {
    std::vector<unsigned> parts;
    while (!text.empty()) {
        auto const part = text.substr(0, text.find('.'));
        parts.push_back(number_in<unsigned>(part).value_or(0));
        text.remove_prefix(std::min(part.size() + 1, text.size()));
    }
    while (!parts.empty() && parts.back() == 0) parts.pop_back(); // 5.0 is 5
    return parts;
}

std::optional<bool> compare(std::string_view left, std::string_view op, std::string_view right) {
    auto const order = parts_of_version(left) <=> parts_of_version(right);
    if (op == "<") return order < 0;
    if (op == "<=") return order <= 0;
    if (op == ">") return order > 0;
    if (op == ">=") return order >= 0;
    if (op == "=") return order == 0;
    if (op == "<>" || op == "!=") return order != 0;
    return std::nullopt;
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

std::optional<bool> condition_holds(std::string_view wql, std::string_view agent_version) {
    auto text = trim(wql);
    // A first line may name the namespace.
    if (text.starts_with('@')) text.remove_prefix(std::min(text.find('\n'), text.size()));
    auto const words = words_of(text);
    if (words.empty()) return true;
    constexpr std::array<std::string_view, 6> form{"SELECT",     "*",     "FROM",
                                                   "SMS_Client", "WHERE", "ClientVersion"};
    constexpr std::size_t without_comparison = 4;
    auto const fits = [&](std::size_t count) {
        return words.size() >= count &&
               std::equal(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count), form.begin(),
                          equal_ignoring_case);
    };
    if (words.size() == without_comparison && fits(without_comparison)) return true;
    if (words.size() != form.size() + 2 || !fits(form.size())) return std::nullopt;
    return compare(agent_version, words[form.size()], words[form.size() + 1]);
}

Result<PolicyBody> read_policy_instances(std::string_view xml, std::string_view agent_version) {
    auto const document = parse_reply(xml, "Policy");
    if (!document) return std::unexpected(document.error());
    auto const root = document->root();
    PolicyBody body{.policy_id = value_of(root, "PolicyID"),
                    .version = value_of(root, "PolicyVersion"),
                    .instances = {},
                    .unknown_conditions = {}};
    for (Element const rule : root.children()) {
        if (rule.name() != "PolicyRule") continue;
        auto const condition = condition_text(rule);
        auto const holds = condition_holds(condition, agent_version);
        if (!holds) body.unknown_conditions.push_back(condition);
        if (holds.value_or(false)) read_actions(rule, body.instances);
    }
    return body;
}

} // namespace pointman::client::agent
