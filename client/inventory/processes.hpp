// SPDX-License-Identifier: Apache-2.0
// Programs that run now.
#pragma once

#include "client/inventory/root.hpp"

#include <string>
#include <vector>

namespace pointman::client::inventory {

struct Process {
    unsigned pid = 0;
    std::string name{}; ///< of its file, without the folder
    std::string file{}; ///< its path; "" where that is for its owner and root alone
    std::string user{}; ///< name, or number where nobody has a name for it
    TimePoint start{};

    bool operator==(Process const&) const = default;
};

/// In order of their numbers; threads of the kernel are none. Of what others run, the file's name is what the
/// program was called by.
std::vector<Process> processes_of(Root const& root);

} // namespace pointman::client::inventory
