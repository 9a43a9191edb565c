// SPDX-License-Identifier: Apache-2.0
#include "endpoints/hardware_inventory/hardware_inventory.hpp"

#include "base/hex.hpp"
#include "endpoints/inventory/loading.hpp"
#include "endpoints/inventory/resync.hpp"

#include <fmt/format.h>

namespace pointman::endpoints {

namespace {

using namespace inventory;

/// One report on its way into the store.
class Arrival {
public:
    Arrival(HardwareInventoryEndpoint::Message const& message, db::Transaction& transaction,
            db::InventoryWriter& writer, config::Settings const& settings)
        : message_(message)
        , report_(message.report)
        , transaction_(transaction)
        , writer_(writer)
        , settings_(settings)
        , resyncs_(transaction, settings, message.report.stored.received) {}

    Result<Reply> run() {
        inform("Mp Message Handler: start message processing for Hinv----------");
        inform(fmt::format("Inv-Hinv Task: {} report {} of {} ({}), {} instances, {} bytes",
                           report_.stored.type, report_.stored.version, client(), report_.stored.netbios_name,
                           message_.instances.usable.size(), message_.size));
        auto const verdict = judged();
        if (!verdict) return std::unexpected(verdict.error());
        if (auto const* reject = std::get_if<Reject>(&*verdict))
            return refuse(reject->error, reject->asks_for_resync);
        if (std::holds_alternative<Repeat>(*verdict)) {
            inform("Hinv: the report that was loaded last once more: nothing to do");
            return std::move(reply_);
        }
        auto const& load = std::get<Load>(*verdict);
        auto const& unusable = message_.instances.unusable;
        if (!unusable.empty() && settings_.hardware_inventory.mode == config::ReportMode::strict)
            return refuse(summary(unusable), is_delta());
        return take(load);
    }

private:
    std::string const& client() const { return report_.client.text(); }
    bool is_delta() const { return !message_.submitted.is_full; }
    TimePoint received() const { return report_.stored.received; }

    void inform(std::string text) { reply_.notes.push_back({Note::Kind::info, std::move(text)}); }
    void warn(std::string text) { reply_.notes.push_back({Note::Kind::warning, std::move(text)}); }

    Result<Verdict> judged() const {
        db::Inventory const stored(transaction_);
        auto const baseline = stored.baseline(report_.client, hardware_resync.digits);
        if (!baseline) return std::unexpected(baseline.error());
        auto const pending = stored.is_resync_pending(report_.client, hardware_resync.digits);
        if (!pending) return std::unexpected(pending.error());
        return judge(message_.submitted, *baseline, *pending);
    }

    Result<Reply> refuse(Error error, bool asks_for_resync) {
        if (asks_for_resync) {
            if (auto asked = ask_for_resync(error.code); !asked)
                return std::unexpected(std::move(asked.error()));
        }
        reply_.refusal = std::move(error);
        return std::move(reply_);
    }

    Result<void> ask_for_resync(Code reason) {
        auto const asked = resyncs_.request(writer_, report_.client, hardware_resync, reason);
        if (!asked) return std::unexpected(asked.error());
        if (*asked) warn(fmt::format("Hinv: {} is asked for a full report: {}", client(), name_of(reason)));
        return {};
    }

    Result<Reply> take(Load const& load) {
        if (!load.remark.empty()) warn("Hinv: " + load.remark);
        auto const& instances = message_.instances.usable;
        auto const changes = transaction_.nested(
            [&] { return is_delta() ? load_delta(writer_, instances) : load_full(writer_, instances); });
        if (!changes) {
            if (!is_refusal(changes.error().code)) return std::unexpected(changes.error());
            // To ask for the same once more would not end.
            return refuse(changes.error(), is_delta());
        }
        if (auto kept = keep(load); !kept) return std::unexpected(std::move(kept.error()));
        if (auto done = settle_resync(); !done) return std::unexpected(std::move(done.error()));
        tell(*changes);
        return std::move(reply_);
    }

    Result<void> keep(Load const& load) {
        auto done = writer_.set_baseline({load.version.major, load.version.minor, report_.stored.date,
                                          message_.submitted.sha256, received()});
        if (!done) return done;
        auto const id = db::Reports::add(transaction_, report_.stored);
        if (!id) return std::unexpected(id.error());
        return writer_.forget_history(received() -
                                      std::chrono::days(settings_.hardware_inventory.history_days));
    }

    Result<void> settle_resync() {
        if (is_delta()) {
            return message_.instances.unusable.empty() ? Result<void>()
                                                       : ask_for_resync(Code::unusable_instance);
        }
        auto const cleared = resyncs_.clear(writer_, report_.client, hardware_resync);
        if (!cleared) return std::unexpected(cleared.error());
        if (*cleared) inform("Hinv: the full report that was asked for has come");
        return {};
    }

    void tell(Changes const& changes) {
        auto const& unusable = message_.instances.unusable;
        if (!unusable.empty()) {
            auto const error = summary(unusable);
            warn(fmt::format("Hinv: left out: {}", describe(error)));
            reply_.unusable_part = error;
        }
        if (changes.repeated != 0) {
            inform(fmt::format("Hinv: {} instances have the key of another: the latest of each is kept",
                               changes.repeated));
        }
        inform(fmt::format("Inv-Hinv: {} added, {} changed, {} removed, {} as they were. Task completed "
                           "successfully",
                           changes.added, changes.changed, changes.removed, changes.same));
    }

    HardwareInventoryEndpoint::Message const& message_;
    ReceivedReport const& report_;
    db::Transaction& transaction_;
    db::InventoryWriter& writer_;
    config::Settings const& settings_;
    Resyncs resyncs_;
    Reply reply_;
};

} // namespace

Result<std::string_view> HardwareInventoryEndpoint::schema(wire::Message const&,
                                                           std::string_view root) const {
    return report_schema(root, "hardware_inventory_report.xsd");
}

Result<HardwareInventoryEndpoint::Message>
HardwareInventoryEndpoint::parse(Incoming const& incoming, schemas::Document const& document) const {
    auto report = receive_report(incoming, document, info.name, "Instance");
    if (!report) return std::unexpected(std::move(report.error()));
    if (auto const action = check_action(report->header, {"0001"}); !action)
        return std::unexpected(action.error());
    Message message{std::move(*report), incoming.source.size(), {}, {}};
    if (auto const body = report_body(document)) {
        auto instances = read_instances(*body);
        if (!instances) return std::unexpected(std::move(instances.error()));
        message.instances = std::move(*instances);
    }
    auto& stored = message.report.stored;
    message.submitted = {is_full_report(stored.type), stored.version, stored.date,
                         sha256_hex(incoming.source)};
    // What it says goes to the inventory; it need not be there twice.
    stored.document.clear();
    return message;
}

Result<Reply> HardwareInventoryEndpoint::handle(Message const& message, db::Transaction& transaction) const {
    auto const& stored = message.report.stored;
    auto writer = db::InventoryWriter::open(transaction, message.report.client, hardware_resync.digits,
                                            stored.received, stored.date);
    if (!writer && writer.error().code == Code::not_found) {
        return fail(Code::invalid_machine, fmt::format("{} is not registered", message.report.client.text()));
    }
    if (!writer) return std::unexpected(std::move(writer.error()));
    return Arrival(message, transaction, *writer, settings_).run();
}

} // namespace pointman::endpoints
