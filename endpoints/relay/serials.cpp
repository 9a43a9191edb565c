// SPDX-License-Identifier: Apache-2.0
#include "endpoints/relay/serials.hpp"

#include <algorithm>

namespace pointman::endpoints::relay {

namespace {

using Gaps = std::vector<db::SerialGap>;

/// Whether the number was missing; it is not any more.
bool fill(Gaps& gaps, std::int64_t serial) {
    auto const gap = std::ranges::lower_bound(gaps, serial, {}, &db::SerialGap::last);
    if (gap == gaps.end() || serial < gap->first) return false;
    if (gap->first == gap->last) {
        gaps.erase(gap);
    } else if (serial == gap->first) {
        ++gap->first;
    } else if (serial == gap->last) {
        --gap->last;
    } else {
        db::SerialGap const below{gap->first, serial - 1, gap->noticed};
        gap->first = serial + 1;
        gaps.insert(gap, below);
    }
    return true;
}

void keep_few(Gaps& gaps) {
    while (gaps.size() > most_gaps) {
        gaps[1].first = gaps[0].first;
        gaps[1].noticed = std::min(gaps[0].noticed, gaps[1].noticed);
        gaps.erase(gaps.begin());
    }
}

void add_gap(db::StateSequence& sequence, std::int64_t first, std::int64_t last, TimePoint now) {
    if (first <= last) sequence.gaps.push_back({first, last, now});
}

} // namespace

Place take_serial(db::StateSequence& sequence, std::int64_t serial, TimePoint message_time, TimePoint now) {
    if (serial > sequence.newest) {
        add_gap(sequence, sequence.newest + 1, serial - 1, now);
        sequence.newest = serial;
        sequence.newest_time = message_time;
        keep_few(sequence.gaps);
        return Place::next;
    }
    bool const is_later = message_time > sequence.newest_time;
    if (serial == sequence.newest) {
        if (!is_later) return Place::duplicate;
        sequence.newest_time = message_time;
        return Place::again;
    }
    // The first of all is never later than another of the same count; any other that is missing may be, where
    // a clock was set back.
    bool const is_first_again = serial == 1 && is_later;
    if (!is_first_again && fill(sequence.gaps, serial)) {
        keep_few(sequence.gaps);
        return Place::late;
    }
    if (!is_later) return Place::duplicate;
    sequence = {sequence.epoch + 1, serial, message_time, {}, {}};
    add_gap(sequence, 1, serial - 1, now);
    return Place::restart;
}

bool forget_gaps_up_to(db::StateSequence& sequence, std::int64_t serial) {
    auto const before = sequence.gaps;
    std::erase_if(sequence.gaps, [serial](db::SerialGap const& gap) { return gap.last <= serial; });
    if (!sequence.gaps.empty())
        sequence.gaps.front().first = std::max(sequence.gaps.front().first, serial + 1);
    return sequence.gaps != before;
}

} // namespace pointman::endpoints::relay
