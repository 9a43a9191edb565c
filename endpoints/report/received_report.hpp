// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ids.hpp"
#include "db/reports.hpp"
#include "endpoints/endpoint.hpp"
#include "endpoints/report/report_header.hpp"

#include <string_view>

namespace pointman::endpoints {

/// A report that passed the checks which need no database: header read, in columns as it is stored, with what
/// else the message carries as attachments.
struct ReceivedReport {
    ReportHeader header;
    ClientId client; ///< that the header names; the sender where one is known
    db::StoredReport stored;
};

/// Reads the header and checks whom it names, for the endpoint of that name. `entry` names the children of
/// `ReportBody` that are counted. Fails like read_report_header and
/// reporting_client, and with limit_exceeded where the attachments overlap too often.
Result<ReceivedReport> receive_report(Incoming const& incoming, schemas::Document const& document,
                                      std::string_view endpoint, std::string_view entry);

/// invalid_machine, of a client without resource (interfaces.md).
std::unexpected<Error> not_registered(ClientId const& client);

/// Stores the report, and tells the lines of its log (logging.md 6); `task` is "Ddr". Fails with
/// invalid_machine where its client is not registered, or as the store does.
Result<Reply> store_and_tell(ReceivedReport const& report, std::string_view task,
                             db::Transaction& transaction);

inline Note told(std::string text) {
    return {Note::Kind::info, std::move(text)};
}
inline Note warned(std::string text) {
    return {Note::Kind::warning, std::move(text)};
}

} // namespace pointman::endpoints
