// SPDX-License-Identifier: Apache-2.0
// State messages and usages out of any document: every one is used or told of, within its limits, and serial
// numbers leave gaps that are apart.
#include "endpoints/relay/metering.hpp"
#include "endpoints/relay/serials.hpp"
#include "endpoints/relay/states.hpp"
#include "endpoints/report/report_header.hpp"

#include <cstdint>
#include <cstdlib>
#include <span>

namespace {

namespace relay = pointman::endpoints::relay;
using pointman::db::StateSequence;

void require(bool holds) {
    if (!holds) std::abort();
}

void check(std::vector<pointman::Error> const& unusable) {
    for (auto const& error : unusable) require(error.line > 0 && !error.message.empty());
}

void check(StateSequence const& sequence) {
    require(sequence.gaps.size() <= relay::most_gaps);
    std::int64_t last = 0;
    for (auto const& gap : sequence.gaps) {
        require(gap.first > last && gap.first <= gap.last && gap.last < sequence.newest);
        last = gap.last;
    }
}

void check(relay::ReportedStates const& states) {
    check(states.unusable);
    StateSequence sequence;
    for (auto const& message : states.usable) {
        require(message.topic_type >= 0 && message.state_id >= 0);
        require(message.parameters.size() <= relay::most_parameters);
        if (!message.serial) continue;
        require(*message.serial >= 1);
        relay::take_serial(sequence, *message.serial, message.time, {});
        check(sequence);
    }
}

void check(relay::ReportedUsages const& usages) {
    check(usages.unusable);
    for (auto const& usage : usages.usable)
        require(!usage.id.empty() && usage.start <= usage.end && usage.status >= 0 && usage.file.size >= 0);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const document = pointman::schemas::parse(std::as_bytes(std::span(data, size)));
    if (!document) return 0;
    auto const body = pointman::endpoints::report_body(*document);
    if (!body) return 0;
    if (auto const states = relay::read_states(*body)) check(*states);
    auto const header = pointman::endpoints::read_report_header(document->root());
    if (auto const usages = relay::read_usages(*body, header ? header->date : "")) check(*usages);
    return 0;
}
