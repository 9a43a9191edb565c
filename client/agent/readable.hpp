// SPDX-License-Identifier: Apache-2.0
// Documents as people read them.
#pragma once

#include <string>
#include <string_view>

namespace pointman::client::agent {

/// The document in indented lines. Values of properties marked as secret, and runs of more than 64
/// hexadecimal digits (keys, certificates, signatures), are told only by their lengths. Of what is no XML the
/// size is told.
std::string readable_xml(std::string_view xml);

/// The text, or how long it is where it is a long run of hexadecimal digits.
std::string shortened(std::string_view text);

} // namespace pointman::client::agent
