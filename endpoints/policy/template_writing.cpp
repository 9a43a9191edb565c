// SPDX-License-Identifier: Apache-2.0
#include "endpoints/policy/template_writing.hpp"

#include "base/hex.hpp"
#include "base/ids.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "endpoints/policy/schedule.hpp"
#include "endpoints/policy/xml_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pointman::endpoints::policy {

std::string_view TemplateValues::text(std::string_view name) const {
    auto const found = values_.find(name);
    return found == values_.end() ? std::string_view() : std::string_view(found->second.front());
}

std::vector<std::string> const& TemplateValues::all(std::string_view name) const {
    static std::vector<std::string> const none;
    auto const found = values_.find(name);
    return found == values_.end() ? none : found->second;
}

PolicyText::PolicyText(std::string_view seed, std::string_view site_code)
    : seed_(seed)
    , out_("<Policy PolicyType=\"Machine\" SchemaVersion=\"1.00\"") {
    append_attribute(out_, "PolicySource", fmt::format("SMS:{}", site_code));
    out_.push_back('>');
}

void PolicyText::rule(std::string_view condition) {
    end_rule();
    in_rule_ = true;
    out_ += "<PolicyRule";
    append_attribute(out_, "PolicyRuleID", stable_guid(fmt::format("{} rule {}", seed_, ++rules_)));
    out_.push_back('>');
    if (!condition.empty()) {
        // The form of observed bodies: the namespace on a line of its own, in front of the query.
        out_ += "<Condition><Expression ExpressionLanguage=\"WQL\" ExpressionType=\"until-true\">";
        append_value(out_, {{}, fmt::format("@root\\ccm\n{}", condition), {}});
        out_ += "</Expression></Condition>";
    }
    out_ += "<PolicyAction PolicyActionType=\"WMI-XML\">";
}

void PolicyText::instance(std::string_view wmi_class) {
    end_instance();
    in_instance_ = true;
    out_ += "<instance";
    append_attribute(out_, "class", wmi_class);
    out_.push_back('>');
}

void PolicyText::property(std::string_view name, Cim type, std::span<std::string_view const> values,
                          bool secret) {
    out_ += "<property";
    append_attribute(out_, "name", name);
    append_attribute(out_, "type", std::to_string(static_cast<int>(type)));
    if (secret) append_attribute(out_, "secret", "1");
    out_.push_back('>');
    for (auto const value : values) {
        out_ += "<value>";
        append_value(out_, {{}, value, {}});
        out_ += "</value>";
    }
    out_ += "</property>";
}

void PolicyText::string(std::string_view name, std::string_view value) {
    property(name, Cim::string, {&value, 1});
}

void PolicyText::secret(std::string_view name, std::string_view value) {
    property(name, Cim::string, {&value, 1}, true);
}

void PolicyText::number(std::string_view name, std::string_view value) {
    property(name, Cim::uint32, {&value, 1});
}

void PolicyText::flag(std::string_view name, bool value) {
    std::string_view const text = value ? "TRUE" : "FALSE";
    property(name, Cim::boolean, {&text, 1});
}

void PolicyText::datetime(std::string_view name, std::string_view value) {
    property(name, Cim::datetime, {&value, 1});
}

void PolicyText::strings(std::string_view name, std::vector<std::string> const& values) {
    std::vector<std::string_view> const views(values.begin(), values.end());
    property(name, Cim::string_array, views);
}

std::string PolicyText::finish() {
    end_rule();
    out_ += "</Policy>";
    return std::move(out_);
}

void PolicyText::end_instance() {
    if (in_instance_) out_ += "</instance>";
    in_instance_ = false;
}

void PolicyText::end_rule() {
    end_instance();
    if (in_rule_) out_ += "</PolicyAction></PolicyRule>";
    in_rule_ = false;
}

void write_schedule(PolicyText& policy, ScheduledMessage const& scheduled) {
    policy.instance("CCM_Scheduler_ScheduledMessage");
    policy.string("ScheduledMessageID", scheduled.id);
    policy.string("TargetEndpoint", scheduled.target);
    if (!scheduled.message.empty()) policy.string("TriggerMessage", scheduled.message);
    policy.strings("Triggers", scheduled.triggers);
}

std::vector<std::string> schedule_triggers(std::string_view tokens) {
    constexpr std::size_t token_digits = 16;
    std::vector<std::string> triggers;
    for (std::size_t at = 0; at < tokens.size(); at += token_digits)
        triggers.push_back(fmt::format("SMSSchedule;ScheduleString={}", tokens.substr(at, token_digits)));
    return triggers;
}

std::string stable_guid(std::string_view text) {
    auto const digits = to_lower(sha256_hex(as_bytes(text)));
    std::string_view const all(digits);
    return fmt::format("{{{}-{}-{}-{}-{}}}", all.substr(0, 8), all.substr(8, 4), all.substr(12, 4),
                       all.substr(16, 4), all.substr(20, 12));
}

std::vector<std::string_view> between_bars(std::string_view text) {
    std::vector<std::string_view> pieces;
    for (;;) {
        auto const bar = text.find('|');
        pieces.push_back(trim(text.substr(0, bar)));
        if (bar == std::string_view::npos) return pieces;
        text.remove_prefix(bar + 1);
    }
}

Result<std::string> as_line(std::string_view text) {
    if (text.empty()) return fail(Code::usage, "it is empty");
    if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }))
        return fail(Code::usage, "it has control characters");
    if (!is_xml_text(text)) return fail(Code::usage, "it is not UTF-8");
    return std::string(text);
}

Result<std::string> as_document(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
        out.push_back(text[i] == '\r' ? '\n' : text[i]);
    }
    if (trim(out).empty()) return fail(Code::usage, "it is empty");
    if (!is_xml_text(out)) return fail(Code::usage, "it is not UTF-8, or has control characters");
    return out;
}

Result<std::string> as_number(std::string_view text) {
    auto const number = number_in<std::uint32_t>(text);
    if (!number) return fail(Code::usage, fmt::format("\"{}\" is no number from 0 to 4294967295", text));
    return std::to_string(*number);
}

Result<std::string> as_flag(std::string_view text) {
    for (std::string_view const word : {"yes", "true", "1"})
        if (equal_ignoring_case(text, word)) return "TRUE";
    for (std::string_view const word : {"no", "false", "0"})
        if (equal_ignoring_case(text, word)) return "FALSE";
    return fail(Code::usage, fmt::format("\"{}\" is neither yes nor no", text));
}

Result<std::string> as_schedule(std::string_view text) {
    return schedule_token(text);
}

Result<std::string> as_schedule_or_off(std::string_view text) {
    if (equal_ignoring_case(text, "off")) return "off";
    return schedule_token(text);
}

Result<std::string> as_minutes(std::string_view text) {
    auto const minutes = interval_minutes(text);
    if (!minutes) return std::unexpected(minutes.error());
    return std::to_string(*minutes);
}

Result<std::string> as_time(std::string_view text) {
    auto const time = parse_iso_time(text);
    if (!time)
        return fail(Code::usage, fmt::format("\"{}\" is no time of the form 2026-11-22T23:17:35Z", text));
    return cim_time(*time);
}

Result<std::string> as_report_type(std::string_view text) {
    for (std::string_view const type : {"Full", "Delta"})
        if (equal_ignoring_case(text, type)) return std::string(type);
    return fail(Code::usage, fmt::format("\"{}\" is neither Full nor Delta", text));
}

Result<std::string> as_guid(std::string_view text) {
    // The forms of client ids, without their prefix.
    auto const id = ClientId::parse(text);
    if (!id || starts_with_ignoring_case(trim(text), "GUID:"))
        return fail(Code::usage,
                    fmt::format("\"{}\" is not of the form {{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}}", text));
    return fmt::format("{{{}}}", to_lower(id->uuid()));
}

} // namespace pointman::endpoints::policy
