// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <pointman/error.hpp>

namespace pointman::client {

/// Shorthand for `return fail(Code::invalid_argument, "...")`.
inline std::unexpected<Error> fail(Code code, std::string message) {
    return std::unexpected(Error{.code = code, .message = std::move(message)});
}

/// A failure of the layers below, which say where in a document.
std::unexpected<Error> fail(Code code, pointman::Error const& cause);

/// What a file or directory failed with.
std::unexpected<Error> storage_failure(pointman::Error const& cause);

} // namespace pointman::client
