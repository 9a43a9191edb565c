// SPDX-License-Identifier: Apache-2.0
#include "db/metering.hpp"

#include "base/time.hpp"
#include "db/clients.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/output.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace pointman::cli {

namespace {

struct MeteringOptions {
    std::string client;
    std::string month;
};

bool is_month(std::string_view text) {
    constexpr std::string_view pattern = "dddd-dd";
    return std::ranges::equal(
        text, pattern, [](char c, char kind) { return kind == '-' ? c == '-' : c >= '0' && c <= '9'; });
}

Result<db::Metering::Filter> filter_of(MeteringOptions const& options, db::Session& session) {
    db::Metering::Filter filter{.month = options.month};
    if (!options.month.empty() && !is_month(options.month))
        return fail(Code::usage, fmt::format("--month: \"{}\" is no month such as 2026-11", options.month));
    if (options.client.empty()) return filter;
    auto const client = db::Clients(session).resolve(options.client);
    if (!client) return std::unexpected(client.error());
    filter.client = client->id.text();
    return filter;
}

/// What `work(Metering const&, Filter const&) -> Result<T>` reads.
template <class F>
auto read_metering(Target const& target, MeteringOptions const& options, F const& work)
    -> std::invoke_result_t<F, db::Metering const&, db::Metering::Filter const&> {
    auto store = target.open();
    if (!store) return std::unexpected(std::move(store.error()));
    return (*store)->read([&](db::Session& session)
                              -> std::invoke_result_t<F, db::Metering const&, db::Metering::Filter const&> {
        auto const filter = filter_of(options, session);
        if (!filter) return std::unexpected(filter.error());
        return work(db::Metering(session), *filter);
    });
}

boost::json::object to_json(db::ListedUsage const& listed) {
    auto const& usage = listed.usage;
    return {{"smsid", listed.client.text()},
            {"name", listed.name},
            {"meter_data_id", usage.id},
            {"file_name", usage.file.name},
            {"file_version", usage.file.version},
            {"file_description", usage.file.description},
            {"file_size", usage.file.size},
            {"company_name", usage.file.company},
            {"product_name", usage.file.product},
            {"product_version", usage.file.product_version},
            {"product_language", usage.file.product_language},
            {"user_name", usage.user},
            {"start_time", iso_time_ms(usage.start)},
            {"end_time", iso_time_ms(usage.end)},
            {"still_running", (usage.status & db::still_running) != 0},
            {"start_estimated", (usage.status & db::start_estimated) != 0},
            {"end_estimated", (usage.status & db::end_estimated) != 0},
            {"terminal_session", (usage.status & db::terminal_session) != 0}};
}

boost::json::object to_json(db::MonthlyUsage const& usage) {
    return {{"smsid", usage.smsid},
            {"name", usage.name},
            {"file_name", usage.file},
            {"year", usage.year},
            {"month", usage.month},
            {"usage_count", usage.count},
            {"terminal_usage_count", usage.terminal_count},
            {"usage_time", usage.seconds},
            {"last_usage", usage.last_usage}};
}

int list_usages(Target const& target, MeteringOptions const& options) {
    auto const usages = read_metering(target, options, [](db::Metering const& metering, auto const& filter) {
        return metering.list(filter);
    });
    if (!usages) return report(usages.error());
    if (target.json) {
        boost::json::array array;
        for (auto const& each : *usages) array.emplace_back(to_json(each));
        print_json(array);
        return done;
    }
    std::vector<std::vector<std::string>> rows;
    rows.reserve(usages->size());
    for (auto const& [client, name, usage] : *usages) {
        bool const is_running = (usage.status & db::still_running) != 0;
        rows.push_back({iso_time(usage.start), is_running ? "running" : iso_time(usage.end), shown(name),
                        shown(usage.user), shown(usage.file.name)});
    }
    print_table({"START", "END", "CLIENT", "USER", "FILE"}, rows);
    return done;
}

int summarize(Target const& target, MeteringOptions const& options) {
    auto const months = read_metering(target, options, [](db::Metering const& metering, auto const& filter) {
        return metering.summary(filter);
    });
    if (!months) return report(months.error());
    if (target.json) {
        boost::json::array array;
        for (auto const& each : *months) array.emplace_back(to_json(each));
        print_json(array);
        return done;
    }
    constexpr std::int64_t minute = 60;
    std::vector<std::vector<std::string>> rows;
    rows.reserve(months->size());
    for (auto const& each : *months) {
        rows.push_back({fmt::format("{:04}-{:02}", each.year, each.month),
                        std::to_string(each.count + each.terminal_count),
                        std::to_string(each.seconds / minute), shown(each.name), shown(each.file)});
    }
    print_table({"MONTH", "USAGES", "MINUTES", "CLIENT", "FILE"}, rows);
    return done;
}

} // namespace

void add_metering_command(CLI::App& program, Action& action) {
    Commands const commands(program, action, "metering", "which files clients have used");
    auto const& target = commands.target();
    auto options = std::make_shared<MeteringOptions>();
    for (auto* command :
         {commands.add("list", "every usage", [target, options] { return list_usages(*target, *options); }),
          commands.add("summary", "by month and file",
                       [target, options] { return summarize(*target, *options); })}) {
        command->add_option("--client", options->client, "only of that client: SMSID or name")
            ->type_name("CLIENT");
        command->add_option("--month", options->month, "only what began in that month: 2026-11")
            ->type_name("YYYY-MM");
    }
}

} // namespace pointman::cli
