// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "db/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pointman::db {

struct StoredAttachment {
    std::string name;
    Bytes bytes;
};

/// A report as it was received, whole, with what its header says in columns. Texts as sent; "" where absent.
struct StoredReport {
    std::int64_t report_id = 0; ///< given by the store
    std::string endpoint;       ///< name in the directory of endpoints
    std::string client;         ///< SMSID of the sender, or the machine's name where a sender has none
    std::string message_id;
    std::string file_type; ///< relay: SMX, SWM, IDMIF
    TimePoint received;
    std::string content; ///< ReportContent
    std::string type;    ///< ReportType
    std::string date;
    std::string version;
    std::string format;
    std::string action_id; ///< InventoryActionID or FileCollectionActionID
    std::string netbios_name;
    std::string client_version;
    std::uint64_t entries = 0;                 ///< instances, files or messages inside
    Bytes document;                            ///< the report's bytes as sent
    std::vector<StoredAttachment> attachments; ///< other ranges of the message
};

class Reports {
public:
    explicit Reports(Session& session)
        : session_(&session) {}

    /// Without documents and attachments, in the order of receipt; "" = any.
    Result<std::vector<StoredReport>> list(std::string_view endpoint, std::string_view client) const;
    Result<StoredReport> get(std::int64_t report_id) const;
    static Result<std::int64_t> add(Transaction&, StoredReport const& report);

private:
    Session* session_;
};

} // namespace pointman::db
