// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pointman/location.hpp>

namespace pointman::client::agent {

/// Where this machine is: its addresses with their subnets, those of the loopback interface only where it has
/// no others.
Place place_of_this_machine();

} // namespace pointman::client::agent
