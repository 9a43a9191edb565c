// SPDX-License-Identifier: Apache-2.0
// What goes over the wire, as a person can read it.
#pragma once

#include <optional>
#include <pointman/credentials.hpp>
#include <pointman/messaging.hpp>
#include <string>

namespace pointman::client::agent {

/// An exchange decoded: header, body and attachments of the request, status, times and body of the answer.
/// What is sealed for the client is opened with its key; secrets, keys and signatures are told by their
/// lengths.
std::string readable(Exchange const& exchange, std::optional<Credentials> const& credentials);

} // namespace pointman::client::agent
