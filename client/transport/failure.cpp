// SPDX-License-Identifier: Apache-2.0
#include "client/transport/failure.hpp"

#include <array>
#include <utility>

namespace pointman::client {

namespace {

struct Row {
    Code code;
    std::uint32_t hresult;
    std::string_view name;
};

constexpr std::array rows{
    Row{Code::invalid_argument, 0x80070057, "invalid_argument"},
    Row{Code::not_found, 0x80070490, "not_found"},
    Row{Code::access_denied, 0x80070005, "access_denied"},
    Row{Code::invalid_schema, 0x80040605, "invalid_schema"},
    Row{Code::no_reply, 0x80040607, "no_reply"},
    Row{Code::datatype_mismatch, 0, "datatype_mismatch"},
    Row{Code::bad_reply, 0x80072F78, "bad_reply"},
    Row{Code::bad_signature, 0x80090006, "bad_signature"},
    Row{Code::server_unavailable, 0x800706BA, "server_unavailable"},
    Row{Code::name_not_resolved, 0x80072EE7, "name_not_resolved"},
    Row{Code::cannot_connect, 0x80072EFD, "cannot_connect"},
    Row{Code::connection_lost, 0x80072EFE, "connection_lost"},
    Row{Code::timeout, 0x80072EE2, "timeout"},
    Row{Code::secure_failure, 0x80072F8F, "secure_failure"},
    Row{Code::busy, 0x80190000, "busy"},
    Row{Code::refused, 0x80190000, "refused"},
    Row{Code::storage, 0x8007001D, "storage"},
    Row{Code::storage_full, 0x80070070, "storage_full"},
};

constexpr Row const& row_of(Code code) {
    return rows[static_cast<std::size_t>(std::to_underlying(code))];
}

constexpr bool is_in_order() {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (std::to_underlying(rows[i].code) != i) return false;
    return true;
}
static_assert(is_in_order());

} // namespace

std::uint32_t hresult_of(Error const& error) {
    bool const by_status = error.code == Code::busy || error.code == Code::refused;
    return row_of(error.code).hresult + (by_status ? static_cast<std::uint32_t>(error.http_status) : 0U);
}

std::string_view name_of(Code code) {
    return row_of(code).name;
}

std::unexpected<Error> fail(Code code, pointman::Error const& cause) {
    auto message = cause.message;
    if (!cause.detail.empty()) message += " (" + cause.detail + ")";
    return std::unexpected(
        Error{.code = code, .message = std::move(message), .line = cause.line, .column = cause.column});
}

std::unexpected<Error> storage_failure(pointman::Error const& cause) {
    return fail(cause.code == pointman::Code::storage_full ? Code::storage_full : Code::storage, cause);
}

} // namespace pointman::client
