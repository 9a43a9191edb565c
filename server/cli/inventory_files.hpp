// SPDX-License-Identifier: Apache-2.0
// The part of `pointman inventory` that is about files.
#pragma once

#include "server/cli/commands.hpp"

#include <string>

namespace pointman::cli {

/// The files that a client reported as software.
int list_software(Target const& target, std::string const& who);
/// The products that they say they are of.
int list_products(Target const& target, std::string const& who);

/// The kept revisions of collected files; where `save` is not empty, with copies of their bytes in that
/// directory, which is made where it is not there.
int list_collected_files(Target const& target, std::string const& who, std::string const& save);

} // namespace pointman::cli
