// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "db/store.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace pointman::db {

/// A status message as received: its class, properties and qualifiers in rows, the document whole beside
/// them.
struct StatusMessage {
    std::int64_t record_id = 0; ///< given by the store
    std::string client;         ///< SMSID, or "" where the message names none
    std::string machine;        ///< MachineName
    std::string site;           ///< SiteCode
    std::string event_class;    ///< Type
    std::string time;           ///< DateTime as sent
    TimePoint received;
    std::string message_id;
    std::string code_page;
    std::string locale_id;
    std::vector<std::pair<std::string, std::string>> properties;
    std::vector<std::pair<std::string, std::string>> qualifiers;
    Bytes document;
};

class StatusMessages {
public:
    explicit StatusMessages(Session& session)
        : session_(&session) {}

    /// Newest last; with properties and qualifiers, without documents. "" = any client.
    Result<std::vector<StatusMessage>> list(std::string_view client) const;
    static Result<std::int64_t> add(Transaction&, StatusMessage const& message);

private:
    Session* session_;
};

} // namespace pointman::db
