// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "db/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pointman::db {

/// Numbers as status records have them (status.md 5.1).
enum class StatusSeverity : std::int64_t {
    informational = 0x40000000,
    warning = 0x80000000,
    error = 0xC0000000,
};
enum class StatusType : std::int64_t { milestone = 256, detail = 512, audit = 768, nt_event = 1024 };

/// "informational", "warning", "error".
std::string_view name_of(StatusSeverity severity);
/// The name, its first letter, or the number; nothing for another text.
std::optional<StatusSeverity> status_severity_of(std::string_view text);
/// "milestone", "detail", "audit", "nt_event".
std::string_view name_of(StatusType type);

/// A status message as received, and what follows from its class, properties and qualifiers.
struct StatusMessage {
    std::int64_t record_id = 0; ///< given by the store
    std::string client;         ///< SMSID, or "" where the message names none
    std::string machine;        ///< MachineName
    std::string site;           ///< SiteCode
    std::string event_class;    ///< Type
    std::string time;           ///< DateTime as sent
    TimePoint received;
    std::string message_id; ///< of the message that carried it
    std::string code_page;
    std::string locale_id;
    std::vector<std::pair<std::string, std::string>> properties;
    std::vector<std::pair<std::string, std::string>> qualifiers;

    StatusSeverity severity = StatusSeverity::informational;
    StatusType type = StatusType::milestone;
    std::int64_t message_number = 0; ///< MessageID; 0 = none is documented
    std::string module = "SMS Client";
    std::string component;
    std::string top_site;
    std::int64_t process_id = 0;
    std::int64_t thread_id = 0;
    std::int64_t win32_error = 0;
    TimePoint happened;
    std::string description;
    std::vector<std::string> strings; ///< insertion strings by position
    std::vector<std::pair<std::int64_t, std::string>> attributes;
};

class StatusMessages {
public:
    explicit StatusMessages(Session& session)
        : session_(&session) {}

    struct Filter {
        std::string client{}; ///< SMSID; "" = any
        std::string component{};
        std::optional<StatusSeverity> severity{};
        std::optional<TimePoint> since{}; ///< of receipt
        std::int64_t after = 0;           ///< record
    };
    /// Newest last.
    Result<std::vector<StatusMessage>> list(Filter const& filter) const;
    static Result<std::int64_t> add(Transaction&, StatusMessage const& message);
    /// Messages of that type that were received before, the oldest first, some at a time.
    static Result<void> forget(Transaction&, StatusType type, TimePoint before);

private:
    Session* session_;
};

} // namespace pointman::db
