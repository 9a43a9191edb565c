// SPDX-License-Identifier: Apache-2.0
#include "client/inventory/reports.hpp"

#include "base/number.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pointman::client::inventory {

namespace {

struct Action {
    std::string_view id;
    std::string_view description;
};
constexpr Action hardware{hardware_action, "Hardware"};
constexpr Action software{software_action, "Software"};
constexpr Action discovered{discovery_action, "Discovery"};

bool is_plain(char c) {
    return c >= ' ' && c < 0x7F && c != '&' && c != '<' && c != '>' && c != '"';
}

/// Nearly all values need no escaping.
void append_text(std::string& out, std::string_view text) {
    if (std::ranges::all_of(text, is_plain)) {
        out += text;
    } else {
        out += escape_xml(text);
    }
}

void append_parts(std::string& out, std::initializer_list<std::string_view> parts) {
    for (auto const part : parts) out += part;
}

/// An array is its element repeated.
void append_property(std::string& out, Property const& property) {
    for (auto const& value : property.values) {
        if (value.empty()) {
            append_parts(out, {"<", property.name, "/>"});
            continue;
        }
        append_parts(out, {"<", property.name, ">"});
        append_text(out, value);
        append_parts(out, {"</", property.name, ">"});
    }
}

/// Writes instances into one body.
class Body {
public:
    explicit Body(Sender const& sender)
        : host_(escape_xml(sender.netbios_name)) {}

    void add(std::string_view content, Instance const& instance) {
        auto const& name = instance.class_name;
        append_parts(text_, {R"(<Instance Content=")", content, R"(" Namespace="\\)", host_, R"(\)",
                             instance.name_space, R"(" Class=")", name, R"(" ParentClass=")", name, "\"><",
                             name, ">"});
        for (auto const& property : instance.properties) append_property(text_, property);
        append_parts(text_, {"</", name, "></Instance>"});
    }
    std::string const& text() const { return text_; }

private:
    std::string host_;
    std::string text_;
};

std::string finished(Sender const& sender, Occasion const& occasion, Action const& action,
                     std::string_view type, Body const& body) {
    auto const element = fmt::format(
        R"(<InventoryAction ActionType="Predefined"><InventoryActionID>{}</InventoryActionID>)"
        "<Description>{}</Description><InventoryActionLastUpdateTime>{}</InventoryActionLastUpdateTime>"
        "</InventoryAction>",
        action.id, action.description, cim_time(occasion.policy));
    return report(sender, "Inventory Data", type, occasion.version.text(), occasion.date, element,
                  body.text());
}

std::string full(Sender const& sender, Occasion const& occasion, Action const& action,
                 Snapshot const& snapshot) {
    Body body(sender);
    for (auto const& [identity, instance] : snapshot.entries()) body.add("New", instance);
    return finished(sender, occasion, action, occasion.asked == Asked::no ? "Full" : "Resync", body);
}

std::string delta(Sender const& sender, Occasion const& occasion, Action const& action,
                  Difference const& changes) {
    Body body(sender);
    for (auto const& instance : changes.deleted) body.add("Deleted", instance);
    for (auto const& instance : changes.updated) body.add("Updated", instance);
    for (auto const& instance : changes.added) body.add("New", instance);
    return finished(sender, occasion, action, "Delta", body);
}

} // namespace

std::string Version::text() const {
    return fmt::format("{}.{}", major, minor);
}

Result<Version> Version::parse(std::string_view text) {
    auto const point = std::min(text.find('.'), text.size());
    auto const major = number_in<unsigned>(text.substr(0, point));
    auto const minor = number_in<unsigned>(text.substr(std::min(point + 1, text.size())));
    if (!major || !minor) {
        return fail(Code::malformed,
                    fmt::format("\"{}\" is no version of a report: it has the form 1.0", text));
    }
    return Version{*major, *minor};
}

std::string hardware_report(Sender const& sender, Occasion const& occasion, Snapshot const& machine) {
    return full(sender, occasion, hardware, machine);
}

std::string hardware_report(Sender const& sender, Occasion const& occasion, Difference const& changes) {
    return delta(sender, occasion, hardware, changes);
}

std::string software_report(Sender const& sender, Occasion const& occasion, Snapshot const& files) {
    return full(sender, occasion, software, files);
}

std::string software_report(Sender const& sender, Occasion const& occasion, Difference const& changes) {
    return delta(sender, occasion, software, changes);
}

std::string discovery_report(Sender const& sender, Occasion const& occasion,
                             std::vector<Instance> const& record) {
    Body body(sender);
    for (auto const& instance : record) body.add("New", instance);
    return finished(sender, occasion, discovered, "Full", body);
}

} // namespace pointman::client::inventory
