// SPDX-License-Identifier: Apache-2.0
#include "endpoints/file_collection/file_collection.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace pointman::endpoints {

Result<std::string_view> FileCollectionEndpoint::schema(wire::Message const&, std::string_view root) const {
    return report_schema(root, "file_collection_report.xsd");
}

Result<FileCollectionEndpoint::Message>
FileCollectionEndpoint::parse(Incoming const& incoming, schemas::Document const& document) const {
    auto report = receive_report(incoming, document, info.name, "CollectedFile");
    if (!report) return report;
    if (auto const action = check_action(report->header, {"0010"}); !action)
        return std::unexpected(action.error());
    auto const& content = report->header.content;
    if (!equal_ignoring_case(content, "FILECOLL") && !equal_ignoring_case(content, "IDMIF")) {
        return fail(Code::schema_violation,
                    fmt::format("ReportContent is \"{}\", expected \"FILECOLL\"", content));
    }
    return report;
}

Result<Reply> FileCollectionEndpoint::handle(Message const& message, db::Transaction& transaction) const {
    return store_and_tell(message, "SinvCollFile", transaction);
}

} // namespace pointman::endpoints
