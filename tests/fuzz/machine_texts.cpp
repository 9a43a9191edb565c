// SPDX-License-Identifier: Apache-2.0
// Any text in place of any that Linux tells a machine by, and of a saved inventory: what is read of it can be
// reported, and a saved inventory that is taken is the same when it is saved again.
#include "base/bytes.hpp"
#include "client/inventory/packages.hpp"
#include "client/inventory/saved.hpp"
#include "client/inventory/snapshot.hpp"
#include "client/inventory/texts.hpp"

#include <cstdint>
#include <cstdlib>
#include <span>

namespace {

using namespace pointman;
using namespace pointman::client::inventory;

void require(bool holds) {
    if (!holds) std::abort();
}

void check_reportable(std::string_view text) {
    auto const once = reportable(text);
    require(once.size() <= 4096 && reportable(once) == once);
}

void read_fields(std::string_view text) {
    for (auto const& block : paragraphs_of(text)) {
        require(!block.empty());
        check_reportable(block["Package"]);
        static_cast<void>(block.kilobytes("MemTotal"));
    }
    for (auto const& package : packages_of(text)) require(!package.name.empty());
    for (auto const& [name, value] : assignments_of(text))
        require(!name.empty() && value.size() <= text.size());
    for (auto const& [name, value] : unit_settings_of(text)) require(name.find('.') != std::string::npos);
}

void read_tables(std::string_view text) {
    for (auto const& mount : mounts_of(text)) require(mount.point.starts_with('/'));
    for (auto const& [interface, address] : gateways_of(text))
        require(!interface.empty() && address.size() <= 15);
    for (auto const& server : resolver_of(text).servers) require(!server.empty());
    static_cast<void>(start_of_process(text));
    auto const name = full_name_of(text, "pc");
    require(name.empty() || name.starts_with("pc."));
    auto const names = pci_names_of(text, {{"8086", "3e92"}, {"1af4", "1000"}});
    require(names.size() <= 2);
    require(without_address(text).find('<') == std::string_view::npos);
}

void read_binary(std::string_view bytes) {
    if (auto const zone = zone_of(bytes)) require(!zone->standard.empty() && std::abs(zone->bias) < 168 * 60);
    if (auto const module = memory_module_of(bytes)) require(module->locator.size() < bytes.size());
}

void read_saved(std::string_view text) {
    auto const reported = parse_reported(text);
    if (reported) {
        require(parse_reported(text_of(*reported)) == *reported);
    } else {
        require(reported.error().code == Code::malformed && !reported.error().message.empty());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = as_chars(std::as_bytes(std::span(data, size)));
    check_reportable(text);
    read_fields(text);
    read_tables(text);
    read_binary(text);
    read_saved(text);
    return 0;
}
