// SPDX-License-Identifier: Apache-2.0
// What clients install, run and watch. Properties and their types: the classes of the same names as
// sccmclictrlib reads them from a client's policy, unless a comment says otherwise.
#include "base/hex.hpp"
#include "base/text.hpp"
#include "endpoints/policy/flags.hpp"
#include "endpoints/policy/template_writing.hpp"
#include "schemas/document.hpp"

#include <fmt/format.h>

#include <array>
#include <string>

namespace pointman::endpoints::policy {

namespace {

/// RerunAlways and RerunIfFail are seen in clients; the other is named after the site's setting (judgement).
Result<std::string> as_rerun(std::string_view text) {
    if (equal_ignoring_case(text, "always")) return "RerunAlways";
    if (equal_ignoring_case(text, "failed")) return "RerunIfFail";
    if (equal_ignoring_case(text, "never")) return "RerunNever";
    return fail(Code::usage, fmt::format("\"{}\" is none of always, failed, never", text));
}

constexpr TemplateParameter package_parameter{
    .name = "package", .help = "the package's id, LAB00001", .required = true, .reading = as_line};
constexpr TemplateParameter advertisement_parameter{.name = "advertisement",
                                                    .help = "the advertisement's id, LAB20001",
                                                    .required = true,
                                                    .reading = as_line};
constexpr TemplateParameter available_parameter{.name = "available",
                                                .help = "from when on it may run: 2026-11-22T23:17:35Z",
                                                .fallback = "2007-01-01T00:00:00Z",
                                                .reading = as_time};
constexpr TemplateParameter schedule_parameter{
    .name = "schedule",
    .help = "when it must run: 7d, 12h, 30m or a schedule token; without one users start it",
    .reading = as_schedule};
constexpr TemplateParameter rerun_parameter{.name = "rerun",
                                            .help = "always, failed or never: whether it runs again",
                                            .fallback = "failed",
                                            .reading = as_rerun};

constexpr std::array program_parameters{
    package_parameter,
    TemplateParameter{.name = "program", .help = "the program's name", .required = true, .reading = as_line},
    TemplateParameter{.name = "command-line", .help = "what is run", .required = true, .reading = as_line},
    advertisement_parameter,
    TemplateParameter{.name = "name", .help = "the package's name; without one its id", .reading = as_line},
    TemplateParameter{.name = "version", .help = "the package's version, for people", .reading = as_line},
    TemplateParameter{.name = "manufacturer", .help = "the package's manufacturer", .reading = as_line},
    TemplateParameter{.name = "language", .help = "the package's language", .reading = as_line},
    TemplateParameter{.name = "source-version",
                      .help = "version of the content, as in content add",
                      .fallback = "1",
                      .reading = as_number},
    TemplateParameter{
        .name = "size", .help = "kilobytes of the content", .fallback = "0", .reading = as_number},
    TemplateParameter{.name = "has-content",
                      .help = "yes or no: whether there is content to fetch",
                      .fallback = "yes",
                      .reading = as_flag},
    TemplateParameter{.name = "working-directory", .help = "where it is run", .reading = as_line},
    TemplateParameter{.name = "comment", .help = "for people", .reading = as_line},
    TemplateParameter{.name = "max-duration",
                      .help = "minutes it may run, 0 = any",
                      .fallback = "120",
                      .reading = as_number},
    TemplateParameter{.name = "admin",
                      .help = "yes or no: whether it runs with administrative rights",
                      .fallback = "yes",
                      .reading = as_flag},
    available_parameter,
    schedule_parameter,
    rerun_parameter,
};

/// ADVERTISEMENT-PACKAGE-DIGITS: queries for a client's schedules rely on the beginning. What the digits are
/// is not told; here they tell the schedules of one advertisement apart.
std::string schedule_id(TemplateValues const& values) {
    auto const schedule = sha256_hex(as_bytes(values.text("schedule")));
    return fmt::format("{}-{}-{}", values.text("advertisement"), values.text("package"),
                       schedule.substr(0, 8));
}

/// What a program and a task sequence have in common: the class of the latter is derived from the former's.
void write_advertisement(TemplateValues const& values, PolicyText& policy) {
    policy.string("ADV_AdvertisementID", values.text("advertisement"));
    policy.datetime("ADV_ActiveTime", values.text("available"));
    policy.flag("ADV_ActiveTimeIsGMT", true);
    policy.string("ADV_RepeatRunBehavior", values.text("rerun"));
    policy.flag("ADV_MandatoryAssignments", values.has("schedule"));
    policy.string("PKG_PackageID", values.text("package"));
    policy.string("PKG_Name", values.text(values.has("name") ? "name" : "package"));
    // The client finds the schedule of an advertisement through this text in it.
    if (values.has("schedule"))
        policy.string("PRG_Requirements",
                      fmt::format("<SWDReserved><ScheduledMessageID>{}</ScheduledMessageID></SWDReserved>",
                                  escape_xml(schedule_id(values))));
}

void write_mandatory_schedule(TemplateValues const& values, PolicyText& policy) {
    if (!values.has("schedule")) return;
    auto const id = schedule_id(values);
    write_schedule(
        policy,
        {.id = id, .target = "direct:execmgr", .triggers = schedule_triggers(values.text("schedule"))});
}

void write_optional(TemplateValues const& values, PolicyText& policy, std::string_view property,
                    std::string_view parameter) {
    if (values.has(parameter)) policy.string(property, values.text(parameter));
}

void write_program(TemplateValues const& values, PolicyText& policy) {
    policy.rule();
    policy.instance("CCM_SoftwareDistribution");
    write_advertisement(values, policy);
    write_optional(values, policy, "PKG_version", "version");
    write_optional(values, policy, "PKG_Manufacturer", "manufacturer");
    write_optional(values, policy, "PKG_Language", "language");
    policy.string("PKG_SourceVersion", values.text("source-version"));
    policy.number("PKG_ContentSize", values.text("size"));
    policy.flag("PKG_PSF_ContainsSourceFiles", values.text("has-content") == "TRUE");
    policy.string("PRG_ProgramID", values.text("program"));
    policy.string("PRG_ProgramName", values.text("program"));
    policy.string("PRG_CommandLine", values.text("command-line"));
    write_optional(values, policy, "PRG_WorkingDirectory", "working-directory");
    write_optional(values, policy, "PRG_Comment", "comment");
    policy.number("PRG_MaxDuration", values.text("max-duration"));
    policy.flag("PRG_PRF_RunWithAdminRights", values.text("admin") == "TRUE");
    write_mandatory_schedule(values, policy);
}

Result<std::string> as_sequence(std::string_view text) {
    auto sequence = as_document(text);
    if (!sequence) return sequence;
    auto const document = schemas::parse(as_bytes(*sequence));
    if (!document)
        return fail(Code::usage, fmt::format("it is no XML: line {}, column {}: {}", document.error().line,
                                             document.error().column, document.error().message));
    if (document->root().name() != "sequence")
        return fail(Code::usage,
                    fmt::format("its root element is {}, not sequence", document->root().name()));
    return sequence;
}

constexpr std::array task_sequence_parameters{
    package_parameter,
    advertisement_parameter,
    TemplateParameter{
        .name = "name", .help = "the task sequence's name", .required = true, .reading = as_line},
    TemplateParameter{.name = "sequence",
                      .help = "its steps, a sequence element of XML; @FILE takes them from a file",
                      .required = true,
                      .reading = as_sequence},
    TemplateParameter{.name = "boot-image", .help = "the boot image's package id", .reading = as_line},
    TemplateParameter{.name = "reference",
                      .help = "a package that the steps need, any number of times",
                      .repeatable = true,
                      .reading = as_line},
    available_parameter,
    schedule_parameter,
    rerun_parameter,
};

void write_task_sequence(TemplateValues const& values, PolicyText& policy) {
    policy.rule();
    policy.instance("CCM_TaskSequence");
    write_advertisement(values, policy);
    policy.string("PRG_ProgramID", "*"); // all of a task sequence; a judgement
    write_optional(values, policy, "TS_BootImageID", "boot-image");
    if (values.has("reference")) policy.strings("TS_References", values.all("reference"));
    policy.secret("TS_Sequence", values.text("sequence"));
    write_mandatory_schedule(values, policy);
}

constexpr std::array update_source_parameters{
    TemplateParameter{.name = "id",
                      .help = "{guid} of the update source, which clients send when they look for its server",
                      .fallback = "{5b7f2d10-9c3e-4a68-8f41-d2e60a93c7b5}",
                      .reading = as_guid},
    TemplateParameter{.name = "version",
                      .help = "version of its catalogue, at most that of wsus add",
                      .fallback = "1",
                      .reading = as_number},
    TemplateParameter{.name = "schedule",
                      .help = "when clients scan: 7d, 12h, 30m, a schedule token, or off",
                      .fallback = "7d",
                      .reading = as_schedule_or_off},
};

/// Properties of the class as the update handler keeps it; the server's address is no part of it, since
/// clients ask the location manager with id and version (location.md 4). That 2 stands for a WSUS server is a
/// judgement, as is the scan's schedule, named after the task "scan by update source" of
/// SMS_Client.TriggerSchedule.
void write_update_source(TemplateValues const& values, PolicyText& policy) {
    policy.rule();
    policy.instance("CCM_UpdateSource");
    policy.string("UniqueId", values.text("id"));
    policy.number("ContentType", "2");
    policy.number("ContentVersion", values.text("version"));
    if (values.text("schedule") == "off") return;
    write_schedule(policy, {.id = "{00000000-0000-0000-0000-000000000113}",
                            .target = "direct:ScanAgent",
                            .triggers = schedule_triggers(values.text("schedule"))});
}

constexpr std::string_view any_language = "65535";

/// PRODUCT|FILE[|ORIGINAL[|VERSION[|LANGUAGE]]] in full.
Result<std::string> as_metering_rule(std::string_view text) {
    auto const given = between_bars(text);
    if (given.size() < 2 || given.size() > 5)
        return fail(Code::usage, "it is not of the form PRODUCT|FILE|ORIGINAL NAME|VERSION|LANGUAGE");
    auto const product = as_line(given[0]);
    if (!product) return fail(Code::usage, "its product is unfit: " + product.error().message);
    auto const file = as_line(given[1]);
    if (!file) return fail(Code::usage, "its file is unfit: " + file.error().message);
    auto const or_else = [&](std::size_t index, std::string_view otherwise) {
        return given.size() > index && !given[index].empty() ? given[index] : otherwise;
    };
    auto const original = as_line(or_else(2, *file));
    if (!original) return original;
    auto const version = as_line(or_else(3, "*"));
    if (!version) return version;
    auto const language = as_number(or_else(4, any_language));
    if (!language) return language;
    return fmt::format("{}|{}|{}|{}|{}", *product, *file, *original, *version, *language);
}

constexpr std::array metering_parameters{
    TemplateParameter{
        .name = "rule",
        .help = "PRODUCT|FILE|ORIGINAL NAME|VERSION|LANGUAGE, any number of times; the last three may be "
                "left out: same name, any version, any language",
        .required = true,
        .repeatable = true,
        .reading = as_metering_rule},
};

/// No page names the client's class of a rule: its name is a judgement. Its properties are those of the
/// site's rules (SMS_MeteredProductRule in the Configuration Manager SDK), where 65535 is any language and
/// `*` any version.
void write_metering(TemplateValues const& values, PolicyText& policy) {
    policy.rule();
    for (auto const& rule : values.all("rule")) {
        auto const parts = between_bars(rule);
        policy.instance("CCM_SoftwareMeteringRule");
        policy.string("RuleID", stable_guid(fmt::format("metering {}", to_lower(rule))));
        policy.string("ProductName", parts[0]);
        policy.string("FileName", parts[1]);
        policy.string("OriginalFileName", parts[2]);
        policy.string("FileVersion", parts[3]);
        policy.number("LanguageID", parts[4]);
        policy.flag("Enabled", true);
    }
}

} // namespace

PolicyTemplate const program_template{.name = "program",
                                      .help = "an advertised program of a package",
                                      .category = "SoftwareDistribution",
                                      .parameters = program_parameters,
                                      .write = write_program};

PolicyTemplate const task_sequence_template{.name = "task-sequence",
                                            .help = "an advertised task sequence",
                                            .category = "TaskSequence",
                                            .flags = flag_task_sequence | flag_requires_authentication |
                                                     flag_secret,
                                            .parameters = task_sequence_parameters,
                                            .write = write_task_sequence};

PolicyTemplate const update_source_template{.name = "update-source",
                                            .help = "where clients scan for software updates",
                                            .category = "UpdateSource", // judgement, no page names it
                                            .parameters = update_source_parameters,
                                            .write = write_update_source};

PolicyTemplate const metering_template{.name = "metering",
                                       .help = "which programs' usage is reported",
                                       .category = "SoftwareMetering", // judgement, no page names it
                                       .parameters = metering_parameters,
                                       .write = write_metering};

} // namespace pointman::endpoints::policy
