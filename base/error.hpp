// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace pointman {

/// Why something did not happen. The first group is what a message can be refused for: its names are the
/// reasons in the quarantine. The second group is what goes wrong around messages.
enum class Code : std::uint8_t {
    malformed,
    schema_violation,
    unknown_endpoint,
    bad_signature,
    unknown_client,
    not_approved,
    blocked,
    wrong_client,
    wrong_action,
    invalid_machine,
    no_baseline,
    resync_pending,
    outdated,
    delta_mismatch,
    major_mismatch,
    non_existent_row,
    group_failure,
    exceed_size_limit,
    unusable_instance,
    bad_mif,
    limit_exceeded,

    not_found,     ///< what was asked for does not exist
    ambiguous,     ///< a name fits several things
    usage,         ///< wrong arguments or configuration
    busy,          ///< the store or a queue is full or locked: worth trying again
    storage_full,  ///< no room on the disk
    storage,       ///< the database failed in another way
    io,            ///< a file or socket failed
    unavailable,   ///< a part of the daemon is stopping
};

/// An expected failure.
struct Error {
    Code code = Code::malformed;
    /// For the outside (client, operator): never a key, a statement or a path of the daemon.
    std::string message;
    /// For the log only; empty when `message` says it all.
    std::string detail;
    /// Where in the offending document, counted from 1; 0 = not known.
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

template <class T>
using Result = std::expected<T, Error>;

/// Shorthand for `return fail(Code::malformed, "...")`.
inline std::unexpected<Error> fail(Code code, std::string message, std::string detail = {}) {
    return std::unexpected(Error{code, std::move(message), std::move(detail)});
}

/// The stable name, e.g. "SchemaViolation". The quarantine's reasons are these names.
std::string_view name_of(Code code);

/// Whether the code is a reason to refuse a message, as opposed to a failure of the daemon itself.
constexpr bool is_refusal(Code code) { return code <= Code::limit_exceeded; }

/// One line for a log: name, message, position, detail.
std::string describe(Error const& error);

} // namespace pointman
