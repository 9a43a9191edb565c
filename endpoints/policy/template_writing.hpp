// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "endpoints/policy/templates.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What the templates are made with. Not for others.
namespace pointman::endpoints::policy {

/// The values for one filling: read, checked, fallbacks in place.
class TemplateValues {
public:
    void add(std::string_view name, std::string value) { values_[name].push_back(std::move(value)); }

    bool has(std::string_view name) const { return values_.contains(name); }
    /// "" where there is none.
    std::string_view text(std::string_view name) const;
    std::vector<std::string> const& all(std::string_view name) const;

private:
    std::map<std::string_view, std::vector<std::string>> values_; ///< keys are the template's own names
};

/// CIM types as numbers: the attribute `type` of a property.
enum class Cim {
    string = 8,
    boolean = 11,
    uint32 = 19,
    datetime = 101,
    string_array = 8200, ///< 0x2000 is the bit of arrays
};

/// Puts a `Policy` document together.
class PolicyText {
public:
    /// `seed` makes the ids of the rules, the same ones every time.
    PolicyText(std::string_view seed, std::string_view site_code);

    /// Begins a rule, for clients that meet the condition: a WQL query in root\ccm, "" = all.
    void rule(std::string_view condition = {});
    /// Begins an instance in the rule.
    void instance(std::string_view wmi_class);

    // Properties of the instance. An empty value is written as one.
    void string(std::string_view name, std::string_view value);
    void secret(std::string_view name, std::string_view value);
    void number(std::string_view name, std::string_view value);
    void flag(std::string_view name, bool value);
    void datetime(std::string_view name, std::string_view value);
    void strings(std::string_view name, std::vector<std::string> const& values);

    /// The whole document.
    std::string finish();

private:
    void property(std::string_view name, Cim type, std::span<std::string_view const> values,
                  bool secret = false);
    void end_instance();
    void end_rule();

    std::string seed_;
    std::string out_;
    std::size_t rules_ = 0;
    bool in_rule_ = false;
    bool in_instance_ = false;
};

/// What the client's scheduler sends, to whom and when (CCM_Scheduler_ScheduledMessage in the Configuration
/// Manager SDK's reference of client classes).
struct ScheduledMessage {
    std::string_view
        id; ///< unique; those of the product's own tasks are known from SMS_Client.TriggerSchedule
    std::string_view target;
    std::string_view message = {}; ///< what is sent when the trigger fires; "" = an empty message
    std::vector<std::string> triggers = {};
};
void write_schedule(PolicyText& policy, ScheduledMessage const& scheduled);

/// Triggers of the form `SMSSchedule;ScheduleString=TOKEN`, one for each token in the text.
std::vector<std::string> schedule_triggers(std::string_view tokens);

/// Ids of the inventory's actions (hardware-inventory.md, file-collection.md); the schedules that set them
/// off have the same ones.
namespace action {
constexpr std::string_view hardware = "{00000000-0000-0000-0000-000000000001}";
constexpr std::string_view software = "{00000000-0000-0000-0000-000000000002}";
constexpr std::string_view discovery = "{00000000-0000-0000-0000-000000000003}";
constexpr std::string_view file_collection = "{00000000-0000-0000-0000-000000000010}";
} // namespace action

/// `{guid}` that is always the same for the same text: what is filled in again replaces what it made before.
std::string stable_guid(std::string_view text);

/// The pieces between bars, at least one. No file name of Windows has a bar in it.
std::vector<std::string_view> between_bars(std::string_view text);

// Readings of parameters. A line has no control characters; a document may have tabs and line breaks, which
// become LF. An empty text is none of them.
Result<std::string> as_line(std::string_view text);
Result<std::string> as_document(std::string_view text);
Result<std::string> as_number(std::string_view text);   ///< decimal, 32 bits
Result<std::string> as_flag(std::string_view text);     ///< yes/no, true/false, 1/0: `TRUE` or `FALSE`
Result<std::string> as_schedule(std::string_view text); ///< schedule_token()
/// schedule_token(), or `off` as it is.
Result<std::string> as_schedule_or_off(std::string_view text);
Result<std::string> as_minutes(std::string_view text);     ///< interval_minutes()
Result<std::string> as_time(std::string_view text);        ///< ISO 8601 to CIM, UTC
Result<std::string> as_report_type(std::string_view text); ///< `Full` or `Delta`
Result<std::string> as_guid(std::string_view text);        ///< `{guid}` in lower case

// Tables of the templates, by theme.
extern PolicyTemplate const client_settings_template;
extern PolicyTemplate const collection_variables_template;
extern PolicyTemplate const file_collection_template;
extern PolicyTemplate const hardware_inventory_template;
extern PolicyTemplate const metering_template;
extern PolicyTemplate const naa_template;
extern PolicyTemplate const program_template;
extern PolicyTemplate const resync_template;
extern PolicyTemplate const software_inventory_template;
extern PolicyTemplate const task_sequence_template;
extern PolicyTemplate const update_source_template;

} // namespace pointman::endpoints::policy
