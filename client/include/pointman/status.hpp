// SPDX-License-Identifier: Apache-2.0
// StatusReceiver.
#pragma once

#include <pointman/session.hpp>

namespace pointman::client {

/// One status event.
struct StatusMessage {
    std::string type; ///< name of the event class, e.g. "SoftDistProgramStartedEvent"
    /// In the order of the class. post_status adds ClientID, MachineName, DateTime and SiteCode where they
    /// are missing.
    std::vector<std::pair<std::string, std::string>> properties{};
    unsigned code_page = 1252;
    unsigned lcid = 1033;
};

/// `Status`.
POINTMAN_API std::string status_message(StatusMessage const& status);
/// Returns the tracking id.
POINTMAN_API Result<std::string> post_status(Session const& session, StatusMessage status);

} // namespace pointman::client
