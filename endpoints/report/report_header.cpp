// SPDX-License-Identifier: Apache-2.0
#include "endpoints/report/report_header.hpp"

#include "base/text.hpp"
#include "base/time.hpp"

#include <fmt/format.h>

namespace pointman::endpoints {

namespace {

using schemas::Element;

std::string text_of(Element const& parent, std::string_view name) {
    return std::string(trim(parent.child_text(name)));
}

void read_machine(Element const& machine, ReportHeader& header) {
    header.client_installed = text_of(machine, "ClientInstalled");
    header.client_type = text_of(machine, "ClientType");
    header.client_id = text_of(machine, "ClientID");
    header.client_version = text_of(machine, "ClientVersion");
    header.netbios_name = text_of(machine, "NetBIOSName");
    header.code_page = text_of(machine, "CodePage");
    header.lcid = text_of(machine, "SystemDefaultLCID");
    header.priority = text_of(machine, "Priority");
    header.unknown_computer = text_of(machine, "Unknown") == "1";
}

void read_details(Element const& details, ReportHeader& header) {
    header.content = text_of(details, "ReportContent");
    header.type = text_of(details, "ReportType");
    header.date = text_of(details, "Date");
    header.version = text_of(details, "Version");
    header.format = text_of(details, "Format");
}

std::optional<ReportAction> read_action(Element const& element) {
    if (element.name() == "InventoryAction") {
        return ReportAction{text_of(element, "InventoryActionID"), text_of(element, "Description"),
                            text_of(element, "InventoryActionLastUpdateTime")};
    }
    if (element.name() == "FileCollectionAction") {
        return ReportAction{text_of(element, "FileCollectionActionID"), text_of(element, "Description"), {}};
    }
    return std::nullopt;
}

} // namespace

Result<ReportHeader> read_report_header(Element const& report) {
    auto const element = report.child("ReportHeader");
    if (!element) return fail(Code::schema_violation, "the report has no ReportHeader");
    ReportHeader header;
    if (auto const identification = element->child("Identification")) {
        if (auto const machine = identification->child("Machine")) read_machine(*machine, header);
    }
    if (auto const details = element->child("ReportDetails")) read_details(*details, header);
    for (Element const child : element->children()) {
        if (auto action = read_action(child)) header.actions.push_back(std::move(*action));
    }
    return header;
}

std::optional<Element> report_body(schemas::Document const& document) {
    auto const root = document.root();
    if (root.name() == "ReportBody") return root;
    if (root.name() == "Report") return root.child("ReportBody");
    return std::nullopt;
}

bool has_report_content(schemas::Document const& document) {
    auto const body = report_body(document);
    return body && body->has_children();
}

bool is_older(std::string_view date, std::string_view than) {
    auto const time = parse_cim_time(date);
    auto const other = parse_cim_time(than);
    return time && other && *time < *other;
}

Result<ClientId> reporting_client(ReportHeader const& header, std::optional<db::Client> const& sender) {
    if (header.client_id.empty()) return fail(Code::schema_violation, "the report names no ClientID");
    auto client = ClientId::parse(header.client_id);
    if (client && (!sender || *client == sender->id)) return client;
    if (sender) {
        return fail(Code::wrong_client, fmt::format("the report of {} names the client \"{}\"",
                                                    sender->id.text(), header.client_id));
    }
    return fail(Code::invalid_machine,
                fmt::format("the report's ClientID \"{}\" is no client id", header.client_id));
}

Result<void> check_action(ReportHeader const& header, std::initializer_list<std::string_view> expected) {
    if (header.actions.empty()) return fail(Code::wrong_action, "the report names no action");
    std::string_view id = header.actions.front().id;
    if (id.size() >= 2 && id.front() == '{' && id.back() == '}') id = id.substr(1, id.size() - 2);
    for (auto const digits : expected) {
        if (id == fmt::format("00000000-0000-0000-0000-00000000{}", digits)) return {};
    }
    return fail(Code::wrong_action,
                fmt::format("the report's action \"{}\" belongs to another endpoint, expected "
                            "{{00000000-0000-0000-0000-00000000{}}}",
                            header.actions.front().id, *expected.begin()));
}

Result<std::string_view> report_schema(std::string_view root, std::string_view schema) {
    if (root == "Report") return schema;
    return fail(Code::schema_violation, fmt::format("the root element is \"{}\", expected \"Report\"", root));
}

} // namespace pointman::endpoints
