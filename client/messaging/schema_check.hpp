// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/messaging/message_impl.hpp"

namespace pointman::client {

/// Checks the body against the schema of its endpoint. Endpoints that are not known here pass, and so does a
/// relayed report of another kind. Fails with invalid_schema, with line and column.
Result<void> check_schema(Message::Impl const& message);

} // namespace pointman::client
