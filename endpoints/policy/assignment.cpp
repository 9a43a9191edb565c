// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/assignment.hpp"

#include "base/text.hpp"
#include "endpoints/policy/xml_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pointman::endpoints::policy {

namespace {

std::string section(std::string_view text) {
    std::string out;
    append_value(out, {{}, text, {}});
    return out;
}

std::string condition_element(std::string_view condition) {
    if (condition.empty()) return {};
    return fmt::format("<Condition><Operator OperatorType=\"AND\"><Expression ExpressionType=\"until-true\""
                       " ExpressionLanguage=\"WQL\">{}</Expression></Operator></Condition>",
                       section(condition));
}

} // namespace

std::string location_query(std::string_view policy_id, std::string_view version) {
    std::string underscored(version);
    std::ranges::replace(underscored, '.', '_');
    return fmt::format("{}.{}", policy_id, underscored);
}

std::string assignment_text(db::Policy const& policy, std::string_view assignment_id,
                            std::string_view condition, config::SiteMode mode) {
    std::string_view const scheme = mode == config::SiteMode::native ? "https" : "http";
    std::string_view const type = policy.resource == db::PolicyResource::user ? "User" : "Machine";
    auto const location = section(fmt::format("{}://<mp>/SMS_MP/.sms_pol?{}", scheme,
                                              location_query(policy.policy_id, policy.version)));
    auto const category = policy.category.empty()
                              ? std::string()
                              : fmt::format(" PolicyCategory=\"{}\"", escape_xml(policy.category));
    // Clients search for the category by the attribute's text and for the location as the first child
    // (wire.md 8.1).
    return fmt::format(
        "<PolicyAssignment PolicyAssignmentID=\"{}\">{}<Policy PolicyID=\"{}\" PolicyVersion=\"{}\""
        " PolicyType=\"{}\"{} PolicyFlags=\"{}\"><PolicyLocation PolicyHash=\"{}\""
        " PolicyHashEx=\"{}\">{}</PolicyLocation></Policy></PolicyAssignment>",
        escape_xml(assignment_id), condition_element(condition), escape_xml(policy.policy_id),
        escape_xml(policy.version), type, category, policy.flags, policy.md5, policy.sha1, location);
}

} // namespace pointman::endpoints::policy
