// SPDX-License-Identifier: Apache-2.0
#include "endpoints/inventory/arrival.hpp"

#include "base/hex.hpp"
#include "db/report_sequences.hpp"
#include "db/reports.hpp"
#include "endpoints/inventory/instance.hpp"
#include "endpoints/inventory/resync.hpp"

#include <fmt/format.h>

#include <iterator>

namespace pointman::endpoints::inventory {

namespace {

class Arriving {
public:
    Arriving(Arrival const& arrival, config::Settings const& settings, db::Transaction& transaction)
        : arrival_(arrival)
        , report_(arrival.report)
        , transaction_(transaction)
        , resyncs_(transaction, settings, arrival.kind, arrival.report.stored.received) {}

    Result<Reply> run(Loading const& load) {
        auto const task = arrival_.kind.task;
        inform(fmt::format("Mp Message Handler: start message processing for {}----------", task));
        inform(fmt::format("Inv-{} Task: {} report {} of {} ({}), {}", task, report_.stored.type,
                           report_.stored.version, report_.client.text(), report_.stored.netbios_name,
                           arrival_.size));
        auto const sequence = db::ReportSequences(transaction_).find(report_.client, arrival_.kind.action);
        if (!sequence && sequence.error().code == Code::not_found) return not_registered(report_.client);
        if (!sequence) return std::unexpected(sequence.error());
        auto const verdict = judge(arrival_.submitted, sequence->baseline, sequence->resync_pending);
        if (auto const* reject = std::get_if<Reject>(&verdict))
            return refuse(reject->error, reject->asks_for_resync);
        if (std::holds_alternative<Repeat>(verdict)) {
            inform(fmt::format("{}: the report that was loaded last once more: nothing to do", task));
            return std::move(reply_);
        }
        if (!arrival_.unusable.empty() && arrival_.mode == config::ReportMode::strict)
            return refuse(summary(arrival_.unusable), is_delta());
        return take(std::get<Load>(verdict), load);
    }

private:
    bool is_delta() const { return !arrival_.submitted.is_full; }

    void inform(std::string text) { reply_.notes.push_back(told(std::move(text))); }
    void warn(std::string_view text) {
        reply_.notes.push_back(warned(fmt::format("{}: {}", arrival_.kind.task, text)));
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
        auto const asked = resyncs_.request(report_.client, reason);
        if (!asked) return std::unexpected(asked.error());
        if (*asked)
            warn(fmt::format("{} is asked for a full report: {}", report_.client.text(), name_of(reason)));
        return {};
    }

    Result<Reply> take(Load const& place, Loading const& load) {
        if (!place.remark.empty()) warn(place.remark);
        auto told_of = load();
        if (!told_of) {
            if (!is_refusal(told_of.error().code)) return std::unexpected(std::move(told_of.error()));
            transaction_.undo();
            // To ask for the same once more would not end.
            return refuse(std::move(told_of.error()), is_delta());
        }
        if (auto kept = keep(place); !kept) return std::unexpected(std::move(kept.error()));
        if (auto done = settle_resync(); !done) return std::unexpected(std::move(done.error()));
        if (!arrival_.unusable.empty()) {
            reply_.unusable_part = summary(arrival_.unusable);
            warn(fmt::format("left out: {}", describe(*reply_.unusable_part)));
        }
        std::ranges::move(*told_of, std::back_inserter(reply_.notes));
        return std::move(reply_);
    }

    Result<void> keep(Load const& place) {
        auto done =
            db::ReportSequences::set_baseline(transaction_, report_.client, arrival_.kind.action,
                                              {place.version.major, place.version.minor, report_.stored.date,
                                               arrival_.submitted.sha256, report_.stored.received});
        if (!done) return done;
        auto const id = db::Reports::add(transaction_, report_.stored);
        if (!id) return std::unexpected(id.error());
        return {};
    }

    Result<void> settle_resync() {
        if (is_delta())
            return arrival_.unusable.empty() ? Result<void>() : ask_for_resync(Code::unusable_instance);
        auto const cleared = resyncs_.clear(report_.client);
        if (!cleared) return std::unexpected(cleared.error());
        if (*cleared)
            inform(fmt::format("{}: the full report that was asked for has come", arrival_.kind.task));
        return {};
    }

    Arrival const& arrival_;
    ReceivedReport const& report_;
    db::Transaction& transaction_;
    Resyncs resyncs_;
    Reply reply_;
};

} // namespace

Submitted submitted(ReceivedReport const& report, BytesView content) {
    auto const& stored = report.stored;
    return {is_full_report(stored.type), stored.version, stored.date, sha256_hex(content)};
}

Result<Reply> arrive(Arrival const& arrival, config::Settings const& settings, db::Transaction& transaction,
                     Loading const& load) {
    return Arriving(arrival, settings, transaction).run(load);
}

} // namespace pointman::endpoints::inventory
