// SPDX-License-Identifier: Apache-2.0
#include "endpoints/idmif/loading.hpp"

#include "db/inventory.hpp"
#include "endpoints/inventory/classes.hpp"
#include "endpoints/inventory/loading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <ranges>
#include <unordered_map>
#include <utility>

namespace pointman::endpoints::idmif {

namespace {

using inventory::KeyedInstance;
using inventory::ReportedClass;

constexpr std::size_t most_told = 20; ///< lines of the log for files of one report that cannot be used

struct Loaded {
    inventory::Changes changes;
    std::vector<Error> unusable;
    std::size_t files = 0;
};

class Load {
public:
    Load(db::Transaction& transaction, db::InventoryWriter& writer)
        : transaction_(transaction)
        , writer_(writer) {}

    Result<Loaded> run(std::vector<SentMif> const& mifs) {
        for (auto const& mif : mifs) {
            if (auto done = make_classes(mif); !done) return std::unexpected(std::move(done.error()));
        }
        for (auto const& [of, reported] : classes_) {
            if (auto done = load(of, *reported); !done) return std::unexpected(std::move(done.error()));
        }
        return std::move(loaded_);
    }

private:
    using Made = std::vector<std::pair<db::InventoryClass, ReportedClass const*>>;

    /// All of a file's, or none.
    Result<void> make_classes(SentMif const& mif) {
        auto made = transaction_.nested([&] { return ensure_classes(mif); });
        if (made) {
            ++loaded_.files;
            for (auto& each : *made) remember(std::move(each));
            return {};
        }
        if (!is_refusal(made.error().code)) return std::unexpected(std::move(made.error()));
        made.error().message = fmt::format("{}: {}", mif.name, made.error().message);
        loaded_.unusable.push_back(std::move(made.error()));
        return {};
    }

    Result<Made> ensure_classes(SentMif const& mif) {
        Made made;
        for (auto const& reported : mif.classes) {
            auto of =
                writer_.ensure_class(reported.name, inventory::group_of(reported.name), reported.properties);
            if (!of) return std::unexpected(std::move(of.error()));
            if (auto done = writer_.set_present(*of, ""); !done)
                return std::unexpected(std::move(done.error()));
            made.emplace_back(std::move(*of), &reported);
        }
        return made;
    }

    void remember(Made::value_type each) {
        auto& latest = latest_[each.first.class_id];
        for (auto const& instance : each.second->instances)
            latest.insert_or_assign(std::string_view(instance.key), &instance);
        classes_.push_back(std::move(each));
    }

    /// Every file tells of its component; of what several say of one instance the last counts, so that a
    /// report that comes again changes nothing.
    Result<void> load(db::InventoryClass const& of, ReportedClass const& reported) {
        auto const& latest = latest_.at(of.class_id);
        for (auto const& instance : reported.instances) {
            if (latest.at(instance.key) != &instance) continue;
            auto const stored = writer_.find(of, instance.key);
            if (!stored) return std::unexpected(stored.error());
            if (auto done = inventory::put(writer_, of, *stored, instance, loaded_.changes); !done)
                return done;
        }
        return {};
    }

    db::Transaction& transaction_;
    db::InventoryWriter& writer_;
    Made classes_;
    std::unordered_map<std::int64_t, std::unordered_map<std::string_view, KeyedInstance const*>> latest_;
    Loaded loaded_;
};

Result<Loaded> load(SentMifs const& mifs, ReceivedReport const& report, config::Settings const& settings,
                    db::Transaction& transaction) {
    auto const& stored = report.stored;
    auto writer = db::InventoryWriter::open(transaction, report.client, action, stored.received, stored.date);
    if (!writer && writer.error().code == Code::not_found) return not_registered(report.client);
    if (!writer) return std::unexpected(std::move(writer.error()));
    auto loaded = Load(transaction, *writer).run(mifs.usable);
    if (!loaded) return loaded;
    auto const kept = std::chrono::days(settings.hardware_inventory.history_days);
    if (auto done = writer->forget_history(stored.received - kept); !done)
        return std::unexpected(std::move(done.error()));
    return loaded;
}

} // namespace

Result<void> take_mifs(SentMifs const& mifs, ReceivedReport const& report, std::string_view task,
                       config::Settings const& settings, db::Transaction& transaction, Reply& reply) {
    auto loaded = load(mifs, report, settings, transaction);
    if (!loaded) return std::unexpected(std::move(loaded.error()));
    auto unusable = mifs.unusable;
    std::ranges::move(loaded->unusable, std::back_inserter(unusable));

    auto const tell = [&](std::string const& text) {
        reply.notes.push_back(told(fmt::format("{}: {}", task, text)));
    };
    auto const warn = [&](std::string const& text) {
        reply.notes.push_back(warned(fmt::format("{}: {}", task, text)));
    };
    tell(fmt::format("Received {} attachments", mifs.attachments));
    for (auto const& remark : mifs.remarks) warn(remark);
    for (auto const& error : unusable | std::views::take(most_told))
        warn(fmt::format("left out: {}", describe(error)));
    if (unusable.size() > most_told) warn(fmt::format("{} files are left out in all", unusable.size()));
    if (mifs.deleted != 0) tell(fmt::format("{} files are deleted, and what they said stays", mifs.deleted));
    tell(fmt::format("{} of {} attachments successfully processed", loaded->files, mifs.attachments));
    auto const& changes = loaded->changes;
    tell(fmt::format("{} instances added, {} changed, {} as they were", changes.added, changes.changed,
                     changes.same));
    if (!unusable.empty()) reply.unusable_part = inventory::summary(unusable, "files");
    return {};
}

} // namespace pointman::endpoints::idmif
