// SPDX-License-Identifier: Apache-2.0
// Files that are said to be MIF: each is data within the limits, with classes that can be stored, or a fault
// that has its place in the text.
#include "endpoints/idmif/instances.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>

namespace {

using namespace pointman;

void require(bool holds) {
    if (!holds) std::abort();
}

constexpr mif::Limits limits{
    .groups = 20, .attributes = 20, .instances = 50, .name = 40, .value = 100, .instance_bytes = 4'000};

std::size_t lines_in(std::string_view text) {
    return 1 + static_cast<std::size_t>(
                   std::ranges::count_if(text, [](char c) { return c == '\n' || c == '\r'; }));
}

void check(Error const& error, std::string_view text) {
    require(error.code == Code::bad_mif || error.code == Code::limit_exceeded);
    require(!error.message.empty() && error.line >= 1 && error.column >= 1);
    require(error.line <= lines_in(text) && error.column <= text.size() + 1);
}

void check(mif::Group const& group, mif::Instance const& instance, std::size_t& bytes) {
    require(!instance.values.empty());
    require(std::ranges::is_sorted(instance.values, {}, &mif::Value::attribute));
    for (auto const& value : instance.values) {
        require(value.attribute < group.attributes.size());
        require(value.text.size() <= 4 * limits.value);
        bytes += group.attributes[value.attribute].name.size() + value.text.size();
    }
}

void check(mif::Component const& component) {
    require(component.groups.size() <= limits.groups);
    std::size_t instances = 0;
    std::size_t bytes = 0;
    for (auto const& group : component.groups) {
        require(!group.name.empty() || !group.class_text.empty());
        require(group.attributes.size() <= limits.attributes && group.keys.size() <= group.attributes.size());
        for (auto const key : group.keys) require(key < group.attributes.size());
        instances += group.instances.size();
        for (auto const& instance : group.instances) check(group, instance, bytes);
    }
    require(instances <= limits.instances && bytes <= limits.instance_bytes);
}

void check(std::vector<endpoints::inventory::ReportedClass> const& classes) {
    for (auto const& each : classes) {
        require(!each.name.empty() && !each.instances.empty());
        for (auto const& instance : each.instances) {
            auto const properties = db::inventory_properties(instance.json);
            require(properties.has_value() && instance.key.starts_with('[') && instance.key.ends_with(']'));
            for (auto const& property : *properties) require(each.properties.contains(property.name));
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = mif::text_of(std::as_bytes(std::span(data, size)));
    if (!text) {
        check(text.error(), "");
        return 0;
    }
    auto const component = mif::parse(*text, limits);
    if (!component) {
        check(component.error(), *text);
        return 0;
    }
    check(*component);
    auto const classes = endpoints::idmif::classes_of(*component);
    if (classes) {
        check(*classes);
    } else {
        check(classes.error(), *text);
    }
    return 0;
}
