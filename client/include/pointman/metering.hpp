// SPDX-License-Identifier: Apache-2.0
// MP_RelayEndpoint, FileType SWM: software metering.
#pragma once

#include <pointman/session.hpp>

namespace pointman::client {

/// Bits of Usage::status.
namespace usage_status {
inline constexpr unsigned still_running = 1; ///< `end` is the time of the report
inline constexpr unsigned start_estimated = 2;
inline constexpr unsigned end_estimated = 4;
inline constexpr unsigned terminal_session = 8;
} // namespace usage_status

/// One run of a program. A run that is reported again, with a later end, keeps its id.
struct Usage {
    std::string id; ///< `{GUID}`
    std::string user;
    Time start{};
    Time end{};
    unsigned status = 0;
};

struct MeteredFile {
    std::string file_name;
    std::uint64_t file_size = 0; ///< bytes
    std::string file_version{};
    std::string file_description{};
    std::string company{};
    std::string product{};
    std::string product_version{};
    std::string product_language{};
    std::vector<Usage> usages{};
};

POINTMAN_API std::string metering_report(Sender const& sender, Time date, std::span<MeteredFile const> files);
/// Returns the tracking id.
POINTMAN_API Result<std::string> post_metering(Session const& session, std::span<MeteredFile const> files);

} // namespace pointman::client
