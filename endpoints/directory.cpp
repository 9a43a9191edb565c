// SPDX-License-Identifier: Apache-2.0
#include "endpoints/directory.hpp"

#include "base/text.hpp"
#include "endpoints/ddr/ddr.hpp"
#include "endpoints/file_collection/file_collection.hpp"
#include "endpoints/hardware_inventory/hardware_inventory.hpp"
#include "endpoints/location/location.hpp"
#include "endpoints/policy/policy.hpp"
#include "endpoints/registration/registration.hpp"
#include "endpoints/relay/relay.hpp"
#include "endpoints/software_inventory/software_inventory.hpp"
#include "endpoints/status/status.hpp"

namespace pointman::endpoints {

namespace {

template <MessageEndpoint E>
std::unique_ptr<Endpoint> row(Site const& site, std::uint64_t max_size) {
    return std::make_unique<detail::EndpointRow<E>>(site, max_size);
}

} // namespace

// Name, delivery, carrier, proof and log of each stand in its `info`; what the settings decide stands here.
Directory::Directory(Site const& site) {
    // Requests of clients are a few kilobytes; a list of groups or packages may make them longer.
    constexpr std::uint64_t request_size = std::uint64_t{1024} * 1024;
    auto const& report = site.settings.max_report_size;
    auto const whole = site.settings.limits.max_inflated;
    rows_.push_back(row<RegistrationEndpoint>(site, request_size));
    rows_.push_back(row<PolicyEndpoint>(site, request_size));
    rows_.push_back(row<LocationEndpoint>(site, request_size));
    rows_.push_back(row<DdrEndpoint>(site, report.discovery));
    rows_.push_back(row<HardwareInventoryEndpoint>(site, report.hardware_inventory));
    rows_.push_back(row<SoftwareInventoryEndpoint>(site, report.software_inventory));
    rows_.push_back(row<FileCollectionEndpoint>(site, report.file_collection));
    rows_.push_back(row<StatusEndpoint>(site, request_size));
    rows_.push_back(row<RelayEndpoint>(site, whole));
}

Endpoint const* Directory::find(std::string_view name) const {
    // status.md 1: the name has no prefix, some expect one.
    if (equal_ignoring_case(name, "MP_StatusReceiver") || equal_ignoring_case(name, "MP_StatusManager")) {
        name = StatusEndpoint::info.name;
    }
    for (auto const& endpoint : rows_) {
        if (equal_ignoring_case(endpoint->info().name, name)) return endpoint.get();
    }
    return nullptr;
}

} // namespace pointman::endpoints
