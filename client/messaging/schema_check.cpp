// SPDX-License-Identifier: Apache-2.0
#include "client/messaging/schema_check.hpp"

#include "base/text.hpp"
#include "client/transport/failure.hpp"
#include "schemas/validator.hpp"

#include <array>
#include <mutex>

namespace pointman::client {

namespace {

struct Row {
    std::string_view endpoint;
    std::string_view kind; ///< root element, or FileType of a relayed report; "" = the endpoint has one kind
    std::string_view schema;
};

constexpr std::string_view relay = "MP_RelayEndpoint";
constexpr std::string_view location = "MP_LocationManager";

constexpr std::array rows{
    Row{"MP_ClientRegistration", "", "client_registration_request.xsd"},
    Row{"MP_PolicyManager", "", "request_assignments.xsd"},
    Row{location, "ContentLocationRequest", "content_location_request.xsd"},
    Row{location, "LocalMPLocationRequest", "local_mp_location_request.xsd"},
    Row{location, "WSUSLocationRequest", "wsus_location_request.xsd"},
    Row{location, "SiteInformationRequest", "site_information_request.xsd"},
    Row{location, "AssignedSiteRequest", "assigned_site_request.xsd"},
    Row{location, "EnumerateMPLocationRequest", "enumerate_mp_location_request.xsd"},
    Row{"MP_DdrEndpoint", "", "discovery_report.xsd"},
    Row{"MP_HinvEndpoint", "", "hardware_inventory_report.xsd"},
    Row{"MP_SinvEndpoint", "", "software_inventory_report.xsd"},
    Row{"MP_SinvCollFileEndpoint", "", "file_collection_report.xsd"},
    Row{"StatusReceiver", "", "status.xsd"},
    Row{relay, "SMX", "state_message_report.xsd"},
    Row{relay, "SWM", "software_metering_report.xsd"},
    Row{relay, "IDMIF", "idmif_report.xsd"},
};

std::string kind_of(Message::Impl const& message) {
    if (equal_ignoring_case(message.endpoint, relay)) {
        for (auto const& property : message.properties)
            if (equal_ignoring_case(property.name, "FileType")) return property.value;
    }
    if (equal_ignoring_case(message.endpoint, location)) return schemas::root_name(message.body).value_or("");
    return {};
}

std::string_view schema_of(Message::Impl const& message) {
    auto const kind = kind_of(message);
    for (auto const& row : rows) {
        if (equal_ignoring_case(row.endpoint, message.endpoint) && equal_ignoring_case(row.kind, kind))
            return row.schema;
    }
    return {};
}

void load_schemas_once() {
    static std::once_flag loaded; // several Messagings may be opened at the same time
    std::call_once(loaded, schemas::load_embedded_schemas);
}

} // namespace

Result<void> check_schema(Message::Impl const& message) {
    auto const schema = schema_of(message);
    if (schema.empty()) return {};
    load_schemas_once();
    if (auto const document = schemas::validate(schema, message.body); !document)
        return fail(Code::invalid_schema, document.error());
    return {};
}

} // namespace pointman::client
