// SPDX-License-Identifier: Apache-2.0
#include "client/inventory/discovery.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>

namespace pointman::client::inventory {

namespace {

/// `10.20.30.0` of 10.20.30.41 with 255.255.255.0; "" for what is no IPv4.
std::string subnet_of(std::string const& address, std::string const& mask) {
    in_addr first{};
    in_addr second{};
    if (inet_pton(AF_INET, address.c_str(), &first) != 1 || inet_pton(AF_INET, mask.c_str(), &second) != 1)
        return {};
    first.s_addr &= second.s_addr;
    std::array<char, INET_ADDRSTRLEN> text{};
    return inet_ntop(AF_INET, &first, text.data(), text.size());
}

Values const& values_of(Instance const& instance, std::string_view name) {
    static Values const none;
    auto const* const property = instance.find(name);
    return property == nullptr ? none : property->values;
}

/// Of all adapters, each once.
Values subnets_of(std::vector<Instance const*> const& configurations) {
    Values subnets;
    for (auto const* configuration : configurations) {
        auto const& addresses = values_of(*configuration, "IPAddress");
        auto const& masks = values_of(*configuration, "IPSubnet");
        for (std::size_t i = 0; i < std::min(addresses.size(), masks.size()); ++i) {
            auto subnet = subnet_of(addresses[i], masks[i]);
            if (!subnet.empty() && std::ranges::find(subnets, subnet) == subnets.end())
                subnets.push_back(std::move(subnet));
        }
    }
    return subnets;
}

/// `02/11/2010 09:42:10`
std::string us_time(Time time) {
    auto const day = std::chrono::floor<std::chrono::days>(time);
    std::chrono::year_month_day const date(day);
    std::chrono::hh_mm_ss const clock(std::chrono::floor<std::chrono::seconds>(time - day));
    return fmt::format("{:02}/{:02}/{:04} {:02}:{:02}:{:02}", unsigned{date.month()}, unsigned{date.day()},
                       int{date.year()}, clock.hours().count(), clock.minutes().count(),
                       clock.seconds().count());
}

Instance client_of(AgentFacts const& agent) {
    Instance client("CCM_Client", ccm);
    if (agent.id_changed) client.set("ClientIdChangeDate", us_time(*agent.id_changed));
    return client.set("ClientVersion", agent.version)
        .set("PreviousClientId", agent.previous_id.empty() ? "Unknown" : agent.previous_id);
}

/// `{IPAddress, Index, MACAddress}` of an adapter.
Instance adapter_of(Instance const& configuration) {
    Instance adapter("Win32_NetworkAdapterConfiguration");
    return adapter.set("IPAddress", values_of(configuration, "IPAddress"))
        .set("Index", configuration.value("Index"))
        .set("MACAddress", configuration.value("MACAddress"));
}

class Record {
public:
    void add(Instance instance) {
        if (!instance.properties.empty()) instances_.push_back(std::move(instance));
    }
    std::vector<Instance> take() { return std::move(instances_); }

private:
    std::vector<Instance> instances_;
};

} // namespace

std::vector<Instance> discovery_record(Snapshot const& machine, AgentFacts const& agent) {
    auto const said = [&machine](std::string_view class_name, std::string_view property) {
        auto const* const instance = machine.first(class_name);
        return instance == nullptr ? std::string_view() : instance->value(property);
    };
    auto const name = said("Win32_ComputerSystem", "Name");
    auto const domain = said("Win32_ComputerSystem", "Domain");
    auto const configurations = machine.of("Win32_NetworkAdapterConfiguration");
    Record record;
    record.add(Instance("CCM_ComputerSystem", ccm).set("Domain", domain));
    record.add(client_of(agent));
    if (!agent.site.empty()) record.add(Instance("SMS_Authority", ccm).set("Name", "SMS:" + agent.site));
    record.add(Instance("CCM_ADSiteInfo", ccm).set("ADSiteName", agent.ad_site));
    if (!domain.empty()) {
        record.add(Instance("CCM_ExtNetworkAdapterConfiguration", ccm)
                       .set("FQDN", fmt::format("{}.{}", name, domain)));
    }
    if (auto const* const product = machine.first("Win32_ComputerSystemProduct")) {
        Instance told("Win32_ComputerSystemProduct");
        for (std::string_view const each : {"IdentifyingNumber", "Name", "UUID", "Version"})
            told.set(each, product->value(each));
        record.add(std::move(told));
    }
    record.add(Instance("CCM_DiscoveryData", ccm)
                   .set("PlatformID", agent.platform.empty() ? said("Win32_OperatingSystem", "Caption")
                                                             : std::string_view(agent.platform)));
    record.add(Instance("CCM_NetworkAdapterConfiguration", ccm).set("IPSubnet", subnets_of(configurations)));
    for (auto const* each : configurations)
        if (!values_of(*each, "IPAddress").empty()) record.add(adapter_of(*each));
    return record.take();
}

} // namespace pointman::client::inventory
