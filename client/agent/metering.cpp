// SPDX-License-Identifier: Apache-2.0
#include "client/agent/metering.hpp"

#include "base/ids.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "client/agent/kept_files.hpp"
#include "client/inventory/processes.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <pointman/metering.hpp>

namespace pointman::client::agent {

namespace {

namespace json = boost::json;
namespace fs = std::filesystem;
using inventory::Process;

/// What is beyond is not metered until the next report.
constexpr std::size_t most_runs = 10'000;

struct Run {
    unsigned pid = 0;
    bool goes_on = false;
    std::string file; ///< its name
    std::uint64_t size = 0;
    std::string product;
    Usage usage;

    bool is_of(Process const& process) const {
        return goes_on && pid == process.pid && usage.start == process.start;
    }
};
using Runs = std::vector<Run>;

json::object to_json(Run const& run) {
    return {{"pid", run.pid},
            {"goes_on", run.goes_on},
            {"file", run.file},
            {"size", std::to_string(run.size)},
            {"product", run.product},
            {"id", run.usage.id},
            {"user", run.usage.user},
            {"start", iso_time_ms(run.usage.start)},
            {"end", iso_time_ms(run.usage.end)}};
}

Run read_run(json::object const& object) {
    auto const* const goes_on = object.if_contains("goes_on");
    return {.pid = count_in(object, "pid"),
            .goes_on = goes_on != nullptr && goes_on->is_bool() && goes_on->get_bool(),
            .file = text_in(object, "file"),
            .size = number_in<std::uint64_t>(text_in(object, "size")).value_or(0),
            .product = text_in(object, "product"),
            .usage = {.id = text_in(object, "id"),
                      .user = text_in(object, "user"),
                      .start = time_in(object, "start").value_or(Time{}),
                      .end = time_in(object, "end").value_or(Time{})}};
}

/// A damaged file is told of: what was not reported yet is lost.
Runs load(LocalClient const& client) {
    Runs runs;
    auto const object = client.home().read(kept::metering);
    if (!object) client.tell(object.error().message);
    if (!object) return runs;
    for (auto const& item : objects_in(*object, "runs")) runs.push_back(read_run(item));
    return runs;
}

Result<void> save(LocalClient const& client, Runs const& runs) {
    json::array array;
    for (auto const& run : runs) array.emplace_back(to_json(run));
    return client.home().write(kept::metering, {{"runs", std::move(array)}});
}

MeterRule const* rule_for(Process const& process, std::vector<MeterRule> const& rules) {
    auto const found = std::ranges::find_if(
        rules, [&process](MeterRule const& rule) { return equal_ignoring_case(rule.file, process.name); });
    return found == rules.end() ? nullptr : &*found;
}

std::uint64_t size_of(LocalClient const& client, std::string const& file) {
    if (file.empty()) return 0;
    std::error_code error;
    auto const size = fs::file_size(inventory::Root(client.root()).at(file), error);
    return error ? 0 : size;
}

Run begun(LocalClient const& client, Process const& process, MeterRule const& rule) {
    return {.pid = process.pid,
            .goes_on = true,
            .file = process.name,
            .size = size_of(client, process.file),
            .product = rule.product,
            .usage = {.id = random_message_id(),
                      .user = fmt::format("{}\\{}", client.session().agent.netbios_name, process.user),
                      .start = process.start}};
}

/// The runs as they are now, and those that have begun.
void look(LocalClient const& client, std::vector<MeterRule> const& rules, Runs& runs) {
    auto const processes = inventory::processes_of(inventory::Root(client.root()));
    for (auto& run : runs)
        run.goes_on = std::ranges::any_of(processes, [&run](Process const& each) { return run.is_of(each); });
    for (auto const& process : processes) {
        auto const* const rule = rule_for(process, rules);
        if (rule == nullptr) continue;
        auto run = std::ranges::find_if(runs, [&process](Run const& each) { return each.is_of(process); });
        if (run == runs.end() && runs.size() < most_runs)
            run = runs.insert(runs.end(), begun(client, process, *rule));
        // A clock that was set back must not end a run before it began.
        if (run != runs.end()) run->usage.end = std::max(client.now(), run->usage.start);
    }
}

std::vector<MeteredFile> files_of(Runs const& runs) {
    std::vector<MeteredFile> files;
    for (auto const& run : runs) {
        auto file = std::ranges::find_if(files, [&run](MeteredFile const& each) {
            return each.file_name == run.file && each.product == run.product && each.file_size == run.size;
        });
        if (file == files.end())
            file = files.insert(files.end(),
                                {.file_name = run.file, .file_size = run.size, .product = run.product});
        auto usage = run.usage;
        usage.status = run.goes_on ? usage_status::still_running : usage_status::end_estimated;
        file->usages.push_back(std::move(usage));
    }
    return files;
}

} // namespace

Result<void> look_at_programs(LocalClient& client, std::vector<MeterRule> const& rules) {
    auto runs = load(client);
    auto const is_idle = runs.empty();
    look(client, rules, runs);
    return is_idle && runs.empty() ? Result<void>() : save(client, runs);
}

Result<Reported> report_metering(LocalClient& client, Instructions const& instructions) {
    auto runs = load(client);
    look(client, instructions.metering, runs);
    // Before they are sent: whatever happens afterwards, the same runs have the same ids.
    if (auto const saved = save(client, runs); !saved) return std::unexpected(saved.error());
    auto const posted = post_metering(client.session(), files_of(runs));
    if (!posted) return std::unexpected(posted.error());
    Reported const reported{"Full", "1.0", runs.size()};
    std::erase_if(runs, [](Run const& run) { return !run.goes_on; });
    if (auto const saved = save(client, runs); !saved) return std::unexpected(saved.error());
    return reported;
}

} // namespace pointman::client::agent
