// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/transport/route.hpp"

#include <boost/asio/ssl/context.hpp>

namespace pointman::client {

/// Verifies the server with the roots, and shows the client's certificate where there is one. Fails with
/// secure_failure for a file that cannot be used.
Result<boost::asio::ssl::context> tls_context(TlsFiles const& files, Time now);

} // namespace pointman::client
