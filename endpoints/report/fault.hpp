// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "schemas/document.hpp"

#include <string>
#include <utility>

namespace pointman::endpoints {

/// What is wrong with an element, with its place.
inline Error fault_at(schemas::Element const& element, Code code, std::string message) {
    return {code, std::move(message), {}, element.line(), element.column()};
}

/// A part of a report that is left out.
inline std::unexpected<Error> unusable_at(schemas::Element const& element, std::string message) {
    return std::unexpected(fault_at(element, Code::unusable_instance, std::move(message)));
}

} // namespace pointman::endpoints
