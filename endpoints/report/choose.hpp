// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "endpoints/endpoint.hpp"
#include "schemas/document.hpp"
#include "server/wire/message.hpp"

#include <vector>

namespace pointman::endpoints {

/// The document of a message and where in the message it stands.
struct Chosen {
    schemas::Document document; ///< validated; of a report its root is `Report`
    BytesView bytes; ///< view of the message's payload, without the trailer that clients end bodies with
};

/// The distinct ranges of the message that begin like XML, the body first: where a report may stand.
std::vector<BytesView> report_candidates(wire::Message const& message);

/// Recorded clients declare every byte of a payload twice at most. Ranges that are together longer than this
/// many payloads would only cost time and memory: the message is refused with limit_exceeded.
inline constexpr std::size_t max_overlap = 4;
std::unexpected<Error> overlapping_too_often();

/// Finds the report of a message for an endpoint whose carrier is `report` (wire.md 3.2, ddr.md): of all
/// ranges the first valid one whose `ReportBody` is filled; if none is, the first valid one, which is the
/// body where that is a report.
///
/// An attachment that is only a `ReportBody` is completed with the header of the body; `bytes` are then the
/// fragment's.
///
/// What does not begin like XML is passed over: attachments may hold anything. A header-only report is taken
/// only when nothing else in the message might have been the report itself; a range that begins where a valid
/// document begins is no such thing, since clients declare the right place with a wrong length.
///
/// Fails with wrong_client where the filled report and the body both carry a header and disagree on the
/// client; with the fault of the first range that looks like XML where no document will do; with malformed
/// where there is none.
Result<Chosen> choose_report(Endpoint const& endpoint, wire::Message const& message,
                             schemas::Limits const& limits = {});

} // namespace pointman::endpoints
