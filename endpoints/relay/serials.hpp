// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "db/states.hpp"

namespace pointman::endpoints::relay {

/// What a serial number tells of its message (relay.md 3.6).
enum class Place {
    next,      ///< newer than all before
    late,      ///< fills a gap
    again,     ///< the newest number once more with a later time: it takes the place of that message
    restart,   ///< the client has begun to count anew
    duplicate, ///< it was there
};

/// A client that leaves every other number out must not cost ever more: past this many gaps the oldest two
/// become one, with what lies between them.
inline constexpr std::size_t most_gaps = 1'000;

/// Puts the serial number of a message of that time into the sequence. A number that was there belongs to a
/// message that is no newer than the newest; one that is newer can only be of a client that began anew, as
/// after it was installed again. `serial` is at least 1.
Place take_serial(db::StateSequence& sequence, std::int64_t serial, TimePoint message_time, TimePoint now);

/// All states have been sent again with numbers beyond those of the request: what is missing of before is of
/// no use any more. Whether anything was.
bool forget_gaps_up_to(db::StateSequence& sequence, std::int64_t serial);

} // namespace pointman::endpoints::relay
