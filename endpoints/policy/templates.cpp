// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/templates.hpp"

#include "base/text.hpp"
#include "endpoints/policy/template_writing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace pointman::endpoints::policy {

namespace {

std::string names_of(std::span<TemplateParameter const> parameters) {
    std::vector<std::string_view> names;
    for (auto const& parameter : parameters) names.push_back(parameter.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

TemplateParameter const* find_parameter(PolicyTemplate const& policy_template, std::string_view name) {
    auto const found =
        std::ranges::find_if(policy_template.parameters, [name](TemplateParameter const& parameter) {
            return equal_ignoring_case(parameter.name, name);
        });
    return found == policy_template.parameters.end() ? nullptr : &*found;
}

Result<void> take(TemplateParameter const& parameter, std::string_view given, TemplateValues& values) {
    auto value = parameter.reading(given);
    if (!value)
        return fail(Code::usage, fmt::format("parameter {}: {}", parameter.name, value.error().message));
    values.add(parameter.name, std::move(*value));
    return {};
}

Result<void> take_given(PolicyTemplate const& policy_template, std::string const& name,
                        std::string_view given, TemplateValues& values) {
    auto const* const parameter = find_parameter(policy_template, name);
    if (parameter == nullptr)
        return fail(Code::usage,
                    fmt::format("the template {} has no parameter \"{}\"; it has {}", policy_template.name,
                                name, names_of(policy_template.parameters)));
    if (values.has(parameter->name) && !parameter->repeatable)
        return fail(Code::usage, fmt::format("parameter {} is given twice", parameter->name));
    // An optional one that is given empty would be left out without a word.
    return take(*parameter, given, values);
}

Result<void> take_fallback(PolicyTemplate const& policy_template, TemplateParameter const& parameter,
                           TemplateValues& values) {
    if (values.has(parameter.name)) return {};
    if (parameter.required)
        return fail(Code::usage, fmt::format("the template {} needs the parameter {}: {}",
                                             policy_template.name, parameter.name, parameter.help));
    if (parameter.fallback.empty()) return {};
    return take(parameter, parameter.fallback, values);
}

} // namespace

std::span<PolicyTemplate const> policy_templates() {
    static std::array const all{
        client_settings_template,
        collection_variables_template,
        file_collection_template,
        hardware_inventory_template,
        metering_template,
        naa_template,
        program_template,
        resync_template,
        software_inventory_template,
        task_sequence_template,
        update_source_template,
    };
    return all;
}

PolicyTemplate const* find_template(std::string_view name) {
    auto const all = policy_templates();
    auto const found = std::ranges::find_if(
        all, [name](PolicyTemplate const& row) { return equal_ignoring_case(row.name, name); });
    return found == all.end() ? nullptr : &*found;
}

Result<std::string> fill(PolicyTemplate const& policy_template,
                         std::vector<std::pair<std::string, std::string>> const& parameters,
                         std::string_view site_code) {
    TemplateValues values;
    for (auto const& [name, given] : parameters) {
        if (auto const taken = take_given(policy_template, name, given, values); !taken)
            return std::unexpected(taken.error());
    }
    for (auto const& parameter : policy_template.parameters) {
        if (auto const taken = take_fallback(policy_template, parameter, values); !taken)
            return std::unexpected(taken.error());
    }
    PolicyText policy(policy_template.name, site_code);
    policy_template.write(values, policy);
    return policy.finish();
}

} // namespace pointman::endpoints::policy
