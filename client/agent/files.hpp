// SPDX-License-Identifier: Apache-2.0
// Copies of files that an agent sends in.
#pragma once

#include "client/agent/reports.hpp"

#include <filesystem>
#include <vector>

namespace pointman::client::agent {

/// The files that the rules of the policies name.
Result<Reported> report_files(LocalClient& client, Instructions const& instructions, ReportType type);
/// Those files, beside what was reported before; one that is not there any more is reported as deleted.
Result<Reported> report_files(LocalClient& client, Instructions const& instructions, ReportType type,
                              std::vector<std::filesystem::path> const& paths);

/// Each file is read whole: MIF files, which describe things that run no agent.
Result<std::size_t> report_mif_files(LocalClient& client, std::vector<std::filesystem::path> const& paths);

} // namespace pointman::client::agent
