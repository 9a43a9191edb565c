// SPDX-License-Identifier: Apache-2.0
#include "client/inventory/snapshot.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace pointman::client::inventory {

namespace {

constexpr std::size_t longest_value = 4096; ///< bytes

bool is_key(Property const& property) {
    return property.role != Role::value;
}

Property property_of(std::string_view name, std::string_view value, Role role) {
    return {std::string(name), {reportable(value)}, role};
}

/// A text in a list of texts, told apart from its neighbours whatever it holds.
void append_part(std::string& list, std::string_view text) {
    list += text;
    list += '\0';
}

} // namespace

std::string reportable(std::string_view text) {
    text = trim(text);
    bool const is_plain = std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7F; });
    if (is_plain && text.size() <= longest_value) return std::string(text); // nearly always
    std::string result;
    result.reserve(std::min(text.size(), longest_value));
    while (!text.empty()) {
        auto const [value, size] = first_utf8_character(text);
        auto const piece = size == 0                       ? std::string_view("\xEF\xBF\xBD")
                           : value < 0x20 || value == 0x7F ? std::string_view(" ")
                           : value == 0xFFFE || value == 0xFFFF // XML has no way to write these
                               ? std::string_view()
                               : text.substr(0, size);
        if (result.size() + piece.size() > longest_value) break;
        result += piece;
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return std::string(trim(result));
}

Instance& Instance::key(std::string_view name, std::string_view value) {
    properties.push_back(property_of(name, value, Role::key));
    return *this;
}

Instance& Instance::key_ignoring_case(std::string_view name, std::string_view value) {
    properties.push_back(property_of(name, value, Role::key_ignoring_case));
    return *this;
}

Instance& Instance::set(std::string_view name, std::string_view value) {
    auto property = property_of(name, value, Role::value);
    if (!property.values.front().empty()) properties.push_back(std::move(property));
    return *this;
}

Instance& Instance::set(std::string_view name, std::optional<std::uint64_t> number) {
    return number ? set(name, std::to_string(*number)) : *this;
}

Instance& Instance::set(std::string_view name, Values values) {
    for (auto& value : values) value = reportable(value);
    auto const kept = std::ranges::remove_if(values, &std::string::empty);
    values.erase(kept.begin(), kept.end());
    if (!values.empty()) properties.push_back({std::string(name), std::move(values), Role::value});
    return *this;
}

Property const* Instance::find(std::string_view name) const {
    auto const found = std::ranges::find(properties, name, &Property::name);
    return found == properties.end() ? nullptr : &*found;
}

std::string_view Instance::value(std::string_view name) const {
    auto const* const property = find(name);
    return property == nullptr || property->values.empty() ? std::string_view() : property->values.front();
}

std::string identity_of(Instance const& instance) {
    std::string identity;
    append_part(identity, instance.class_name);
    for (auto const& property : instance.properties) {
        if (!is_key(property)) continue;
        bool const folds = property.role == Role::key_ignoring_case;
        for (auto const& value : property.values) append_part(identity, folds ? to_lower(value) : value);
    }
    return identity;
}

Snapshot::Snapshot(std::vector<Instance> instances) {
    entries_.reserve(instances.size());
    for (auto& instance : instances) entries_.push_back({identity_of(instance), std::move(instance)});
    std::ranges::stable_sort(entries_, {}, &Entry::identity);
    // The last of those that are one: kept by looking from behind.
    auto const repeated =
        std::unique(entries_.rbegin(), entries_.rend(),
                    [](Entry const& one, Entry const& other) { return one.identity == other.identity; });
    entries_.erase(entries_.begin(), repeated.base());
}

std::vector<Instance const*> Snapshot::of(std::string_view class_name) const {
    std::vector<Instance const*> found;
    for (auto const& entry : entries_)
        if (entry.instance.class_name == class_name) found.push_back(&entry.instance);
    return found;
}

Instance const* Snapshot::first(std::string_view class_name) const {
    auto const found = std::ranges::find_if(
        entries_, [class_name](Entry const& entry) { return entry.instance.class_name == class_name; });
    return found == entries_.end() ? nullptr : &found->instance;
}

} // namespace pointman::client::inventory
