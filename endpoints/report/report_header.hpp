// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "endpoints/endpoint.hpp"
#include "schemas/document.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::endpoints {

/// Why a report was made: `InventoryAction` or `FileCollectionAction`.
struct ReportAction {
    std::string id;
    std::string description;
    std::string last_update; ///< InventoryActionLastUpdateTime, as sent
};

/// `ReportHeader` of the inventory-like reports (ddr.md "header", relay.md 2). Texts as sent without white
/// space around them; "" where absent.
struct ReportHeader {
    std::string client_installed;
    std::string client_type;
    std::string client_id;
    std::string client_version;
    std::string netbios_name;
    std::string code_page;
    std::string lcid; ///< SystemDefaultLCID
    std::string priority;
    bool unknown_computer = false; ///< `Unknown` is 1
    std::string content;           ///< ReportContent
    std::string type;              ///< ReportType
    std::string date;
    std::string version;
    std::string format;
    std::vector<ReportAction> actions;
};

/// Reads what is there. `report` is the root element `Report`; fails with schema_violation when it has no
/// `ReportHeader`.
Result<ReportHeader> read_report_header(schemas::Element const& report);

/// The `ReportBody` of a document whose root is `Report` or is itself `ReportBody` (ddr.md, open questions).
std::optional<schemas::Element> report_body(schemas::Document const& document);

/// Whether the report is filled: clients send a copy with an empty `ReportBody` along (wire.md 3.2).
bool has_report_content(schemas::Document const& document);

/// Whether a report's `Date` is before another's; times that nobody can read are in no order.
bool is_older(std::string_view date, std::string_view than);

/// The client that a report speaks for. Fails with schema_violation where the header names none, wrong_client
/// where it names another than the sender, invalid_machine where the text is no client id and no sender is
/// known.
Result<ClientId> reporting_client(ReportHeader const& header, std::optional<db::Client> const& sender);

/// The action that the header names first must be one of `expected`, given as the last four digits of
/// {00000000-0000-0000-0000-00000000NNNN}; braces are optional. Fails with wrong_action.
Result<void> check_action(ReportHeader const& header, std::initializer_list<std::string_view> expected);

/// For `schema()` of the endpoints that take reports: `schema` where the root is `Report` or `ReportBody`,
/// otherwise schema_violation.
Result<std::string_view> report_schema(std::string_view root, std::string_view schema);

} // namespace pointman::endpoints
