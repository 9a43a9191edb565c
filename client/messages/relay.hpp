// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pointman/session.hpp>

namespace pointman::client {

/// A message to MP_RelayEndpoint; the property tells it what kind of report it is (relay.md 1).
inline Message relay_message(Session const& session, std::string_view file_type, std::string_view xml) {
    auto message = session.message("MP_RelayEndpoint", xml);
    message.set_property("FileType", std::string(file_type));
    return message;
}

} // namespace pointman::client
