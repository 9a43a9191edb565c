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

/// The document goes into the store as well: for reports that are not taken apart.
void keep_document(ReceivedReport& report, Incoming const& incoming);

/// Stores the report and answers with its id. Fails with invalid_machine where its client is not registered
/// (interfaces.md), or as the store does.
Result<std::int64_t> store_report(ReceivedReport const& report, db::Transaction& transaction);

/// `handle` of the endpoints that store a report and do nothing else yet: with the lines that their logs tell
/// (logging.md 6), `task` being "Ddr", "Hinv" ...
Result<Reply> store_and_tell(ReceivedReport const& report, std::string_view task,
                             db::Transaction& transaction);

inline Note told(std::string text) {
    return {Note::Kind::info, std::move(text)};
}
inline Note warned(std::string text) {
    return {Note::Kind::warning, std::move(text)};
}

} // namespace pointman::endpoints
