// SPDX-License-Identifier: Apache-2.0
// How the client's agents are set: when they work, and with which secrets.
#include "base/text.hpp"
#include "endpoints/policy/flags.hpp"
#include "endpoints/policy/template_writing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>

namespace pointman::endpoints::policy {

namespace {

/// Clients take the one row of settings with this key (smsclictr, sccmclictrlib: `SiteSettingsKey=1`
/// throughout).
constexpr std::string_view site_settings = "1";

constexpr std::array client_settings_parameters{
    TemplateParameter{.name = "hardware-inventory",
                      .help = "when hardware is inventoried: 7d, 12h, 30m, a schedule token, or off",
                      .fallback = "7d",
                      .reading = as_schedule_or_off},
    TemplateParameter{.name = "software-inventory",
                      .help = "when software is inventoried, in the same forms",
                      .fallback = "7d",
                      .reading = as_schedule_or_off},
    TemplateParameter{.name = "file-collection",
                      .help = "when files are collected, in the same forms",
                      .fallback = "7d",
                      .reading = as_schedule_or_off},
    TemplateParameter{.name = "discovery",
                      .help = "when the heartbeat discovery record is sent, in the same forms",
                      .fallback = "7d",
                      .reading = as_schedule_or_off},
    TemplateParameter{.name = "metering",
                      .help = "when the software's usage is reported, in the same forms",
                      .fallback = "7d",
                      .reading = as_schedule_or_off},
    TemplateParameter{.name = "policy-polling",
                      .help = "how often policy is asked for: 30m, 1h, 1d",
                      .fallback = "1h",
                      .reading = as_minutes},
};

bool is_on(TemplateValues const& values, std::string_view name) {
    return values.text(name) != "off";
}

void write_component(PolicyText& policy, std::string_view wmi_class, std::string_view component,
                     bool enabled) {
    policy.instance(wmi_class);
    policy.number("SiteSettingsKey", site_settings);
    policy.string("ComponentName", component);
    policy.flag("Enabled", enabled);
}

/// The message for the inventory agent is the action as reports name it. A judgement: the pages have the
/// scheduler's class and the agent's endpoint, but not the text that passes between them.
void write_inventory_schedule(PolicyText& policy, TemplateValues const& values, std::string_view name,
                              std::string_view id) {
    if (!is_on(values, name)) return;
    auto const* const element = id == action::file_collection ? "FileCollectionAction" : "InventoryAction";
    auto const message = fmt::format("<{0} ActionType=\"Predefined\"><{0}ID>{1}</{0}ID></{0}>", element, id);
    write_schedule(policy, {.id = id,
                            .target = "direct:InventoryAgent",
                            .message = message,
                            .triggers = schedule_triggers(values.text(name))});
}

/// Schedule ids and endpoints: SMS_Client.TriggerSchedule in the Configuration Manager SDK, and lists of a
/// live client's schedules on the Web. Components: smsclictr (SmsInventory, SmsSoftwareMetering) and the
/// classes that sccmclictrlib reads; the names of the two later inventory components are a judgement, after
/// the older one's.
void write_client_settings(TemplateValues const& values, PolicyText& policy) {
    policy.rule();
    write_inventory_schedule(policy, values, "hardware-inventory", action::hardware);
    write_inventory_schedule(policy, values, "software-inventory", action::software);
    write_inventory_schedule(policy, values, "file-collection", action::file_collection);
    write_inventory_schedule(policy, values, "discovery", action::discovery);
    if (is_on(values, "metering"))
        write_schedule(policy, {.id = "{00000000-0000-0000-0000-000000000031}",
                                .target = "direct:SWMTRReportGen",
                                .triggers = schedule_triggers(values.text("metering"))});
    write_schedule(policy, {.id = "{00000000-0000-0000-0000-000000000021}",
                            .target = "direct:PolicyAgent_RequestAssignments",
                            .triggers = {fmt::format("SimpleInterval;Minutes={};MaxRandomDelayMinutes=0",
                                                     values.text("policy-polling"))}});
    write_component(policy, "CCM_SoftwareMeteringClientConfig", "SmsSoftwareMetering",
                    is_on(values, "metering"));

    // One class in the clients of 2007, two in the later ones; a class that a client does not have must not
    // spoil the rule with its schedules.
    policy.rule(R"(SELECT * FROM SMS_Client WHERE ClientVersion < "5")");
    write_component(policy, "CCM_InventoryClientConfig", "SmsInventory",
                    is_on(values, "hardware-inventory") || is_on(values, "software-inventory"));
    policy.rule(R"(SELECT * FROM SMS_Client WHERE ClientVersion >= "5")");
    write_component(policy, "CCM_HardwareInventoryClientConfig", "SmsHardwareInventory",
                    is_on(values, "hardware-inventory"));
    write_component(policy, "CCM_SoftwareInventoryClientConfig", "SmsSoftwareInventory",
                    is_on(values, "software-inventory"));
}

constexpr std::array naa_parameters{
    TemplateParameter{.name = "user",
                      .help = "the account that clients reach content with, DOMAIN\\user",
                      .required = true,
                      .reading = as_line},
    TemplateParameter{.name = "password", .help = "its password", .required = true, .reading = as_line},
};

/// Properties as in observed bodies (policy.md 5; a body in the notes on impacket's SCCM attack).
void write_naa(TemplateValues const& values, PolicyText& policy) {
    policy.rule();
    policy.instance("CCM_NetworkAccessAccount");
    policy.number("SiteSettingsKey", site_settings);
    policy.secret("NetworkAccessUsername", values.text("user"));
    policy.secret("NetworkAccessPassword", values.text("password"));
    for (auto const* const name : {"Reserved1", "Reserved2", "Reserved3"}) policy.string(name, "");
}

/// NAME=VALUE as given, white space around the name off.
Result<std::string> as_variable(std::string_view text) {
    auto const equals = text.find('=');
    if (equals == std::string_view::npos) return fail(Code::usage, "it is not of the form NAME=VALUE");
    auto const name = as_line(trim(text.substr(0, equals)));
    if (!name) return fail(Code::usage, "its name is unfit: " + name.error().message);
    auto const value = text.substr(equals + 1);
    if (value.empty()) return *name + "=";
    auto const fits = as_line(value);
    if (!fits)
        return fail(Code::usage, fmt::format("the value of {} is unfit: {}", *name, fits.error().message));
    return fmt::format("{}={}", *name, value);
}

constexpr std::array collection_variables_parameters{
    TemplateParameter{.name = "variable",
                      .help = "NAME=VALUE, any number of times; of two with one name the later counts",
                      .required = true,
                      .repeatable = true,
                      .reading = as_variable},
};

/// Name and value are what clients look for (wire.md 8.4).
void write_collection_variables(TemplateValues const& values, PolicyText& policy) {
    auto const& all = values.all("variable");
    auto const name_of = [](std::string_view variable) { return variable.substr(0, variable.find('=')); };
    policy.rule();
    for (auto variable = all.begin(); variable != all.end(); ++variable) {
        std::string_view const text = *variable;
        auto const name = name_of(text);
        bool const replaced = std::any_of(std::next(variable), all.end(), [&](std::string const& later) {
            return equal_ignoring_case(name_of(later), name);
        });
        if (replaced) continue;
        policy.instance("CCM_CollectionVariable");
        policy.string("Name", name);
        policy.secret("Value", text.substr(name.size() + 1));
    }
}

} // namespace

PolicyTemplate const client_settings_template{
    .name = "client-settings",
    .help = "schedules of inventory, discovery, file collection, metering and policy polling",
    .category = "ClientSettings", // no source names the product's own; a judgement
    .parameters = client_settings_parameters,
    .write = write_client_settings};

PolicyTemplate const naa_template{.name = "naa",
                                  .help = "the network access account",
                                  .category = "NAAConfig",
                                  .flags = flag_requires_authentication | flag_secret,
                                  .parameters = naa_parameters,
                                  .write = write_naa};

PolicyTemplate const collection_variables_template{.name = "collection-variables",
                                                   .help = "variables of a collection, for task sequences",
                                                   .category = "CollectionSettings",
                                                   .flags = flag_requires_authentication | flag_secret,
                                                   .parameters = collection_variables_parameters,
                                                   .write = write_collection_variables};

} // namespace pointman::endpoints::policy
