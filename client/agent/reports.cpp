// SPDX-License-Identifier: Apache-2.0
#include "client/agent/reports.hpp"

#include "client/agent/kept_files.hpp"
#include "client/inventory/difference.hpp"
#include "client/inventory/discovery.hpp"
#include "client/inventory/machine.hpp"
#include "client/inventory/software.hpp"
#include "client/transport/failure.hpp"
#include "server/wire/utf16.hpp"

#include <fmt/format.h>

namespace pointman::client::agent {

namespace {

using inventory::Difference;
using inventory::Occasion;
using inventory::Snapshot;

/// UTF-16 LE with its mark, as attachments of reports are (ddr.md).
Bytes attached(std::string_view report) {
    Bytes bytes{std::byte{0xFF}, std::byte{0xFE}};
    auto const text = wire::to_utf16le(report);
    bytes.insert(bytes.end(), text.begin(), text.end());
    return bytes;
}

/// The report's header alone is the body; the whole is an attachment that is called like the action.
Result<void> post(LocalClient& client, std::string_view endpoint, std::string_view action,
                  std::string const& header, std::string const& report) {
    auto message = client.session().message(endpoint, header);
    message.set_attachment_from_buffer(std::string(action), attached(report));
    auto const posted = client.messaging().post(client.session().host, message);
    if (!posted) return std::unexpected(posted.error());
    return {};
}

/// Of the two inventories, which differ in nothing else.
struct Kind {
    Task task;
    std::string_view file;
    std::string_view endpoint;
    std::string_view action;
    std::string (*full)(Sender const&, Occasion const&, Snapshot const&);
    std::string (*delta)(Sender const&, Occasion const&, Difference const&);
};
constexpr Kind hardware{Task::hardware,
                        kept::hardware,
                        "MP_HinvEndpoint",
                        inventory::hardware_action,
                        inventory::hardware_report,
                        inventory::hardware_report};
constexpr Kind software{Task::software,
                        kept::software,
                        "MP_SinvEndpoint",
                        inventory::software_action,
                        inventory::software_report,
                        inventory::software_report};

Occasion occasion_of(LocalClient const& client, Instructions const& instructions, Task task,
                     Sequel const& sequel) {
    auto const changed = instructions.changed.find(task);
    auto const now = client.now();
    return {.version = sequel.version,
            .date = now,
            .policy = changed == instructions.changed.end() ? now : changed->second,
            .asked = sequel.asked};
}

Result<Reported> report(LocalClient& client, Instructions const& instructions, Kind const& kind,
                        ReportType type, Snapshot now) {
    if (type == ReportType::next && instructions.only_full.contains(kind.task)) type = ReportType::full;
    auto const sequel = next_in_sequence(client, kind.file, type);
    if (!sequel) return std::unexpected(sequel.error());
    auto const occasion = occasion_of(client, instructions, kind.task, *sequel);
    auto const sender = client.session().sender();
    auto const changes = difference(sequel->before, now);
    auto const posted = sequel->is_delta
                            ? post(client, kind.endpoint, kind.action, kind.delta(sender, occasion, {}),
                                   kind.delta(sender, occasion, changes))
                            : post(client, kind.endpoint, kind.action, kind.full(sender, occasion, {}),
                                   kind.full(sender, occasion, now));
    if (!posted) return std::unexpected(posted.error());
    Reported const reported{sequel->type(), sequel->version.text(),
                            sequel->is_delta ? changes.size() : now.size()};
    if (auto const kept = keep_reported(client, kind.file, *sequel, std::move(now)); !kept)
        return std::unexpected(kept.error());
    return reported;
}

inventory::Scan usual_scan() {
    return {.directories = {"/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/opt"}};
}

Snapshot software_of(LocalClient const& client, Instructions const& instructions) {
    auto const told_where = [&client](inventory::Software found) {
        if (!found.is_complete) client.tell("software inventory: there are more files than are reported");
        return std::move(found.files);
    };
    if (instructions.software.empty()) return told_where(collect_software(usual_scan(), client.root()));
    std::vector<inventory::Instance> all;
    for (auto const& rule : instructions.software) {
        auto const found = told_where(collect_software(scan_of(rule), client.root()));
        for (auto const& entry : found.entries()) all.push_back(entry.instance);
    }
    return Snapshot(std::move(all));
}

} // namespace

std::string Sequel::type() const {
    if (is_delta) return "Delta";
    return asked == inventory::Asked::by_resync ? "Resync" : "Full";
}

Result<Sequel> next_in_sequence(LocalClient const& client, std::string_view file, ReportType type) {
    auto before = inventory::load(client.home().file(file));
    if (!before && before.error().code != pointman::Code::not_found) client.tell(before.error().message);
    if (!before && type == ReportType::delta) {
        return fail(Code::not_found, "nothing was reported before that a delta could follow: send a full "
                                     "report first");
    }
    Sequel sequel{.asked = type == ReportType::resync ? inventory::Asked::by_resync : inventory::Asked::no};
    if (!before) return sequel;
    sequel.is_delta = type == ReportType::next || type == ReportType::delta;
    sequel.version = sequel.is_delta ? before->version.next_delta() : before->version.next_full();
    if (sequel.is_delta) sequel.before = std::move(before->snapshot);
    return sequel;
}

Result<void> keep_reported(LocalClient const& client, std::string_view file, Sequel const& sequel,
                           Snapshot now) {
    auto const saved = inventory::save({sequel.version, std::move(now)}, client.home().file(file));
    if (!saved) return storage_failure(saved.error());
    return {};
}

inventory::Scan scan_of(FileRule const& rule) {
    inventory::Scan scan{
        .directories = {rule.directory}, .patterns = {rule.pattern}, .only_executables = false};
    if (!rule.below) scan.most_depth = 0;
    return scan;
}

Result<Reported> report_discovery(LocalClient& client, Instructions const& instructions) {
    auto const& agent = client.session().agent;
    auto const record = discovery_record(inventory::collect(client.root()),
                                         {.version = agent.version, .site = agent.site_code});
    auto const occasion = occasion_of(client, instructions, Task::discovery, {});
    auto const sender = client.session().sender();
    auto const posted =
        post(client, "MP_DdrEndpoint", inventory::discovery_action, discovery_report(sender, occasion, {}),
             discovery_report(sender, occasion, record));
    if (!posted) return std::unexpected(posted.error());
    return Reported{"Full", occasion.version.text(), record.size()};
}

Result<Reported> report_hardware(LocalClient& client, Instructions const& instructions, ReportType type) {
    return report(client, instructions, hardware, type,
                  reported_part(inventory::collect(client.root()), instructions.classes));
}

Result<Reported> report_software(LocalClient& client, Instructions const& instructions, ReportType type) {
    return report(client, instructions, software, type, software_of(client, instructions));
}

} // namespace pointman::client::agent
