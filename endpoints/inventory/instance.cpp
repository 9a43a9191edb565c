// SPDX-License-Identifier: Apache-2.0
#include "endpoints/inventory/instance.hpp"

#include "base/text.hpp"
#include "endpoints/report/fault.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace pointman::endpoints::inventory {

namespace {

using schemas::Element;

/// Properties by name. Hardly an instance has more than two dozen: those are looked through, which costs less
/// than a table.
class Properties {
public:
    std::size_t size() const { return all_.size(); }
    /// Nothing where it is new.
    Property* find(std::string_view name) {
        if (all_.size() <= looked_through) {
            auto const known = std::ranges::find(all_, name, &Property::name);
            return known == all_.end() ? nullptr : &*known;
        }
        for (auto i = places_.size(); i < all_.size(); ++i) places_.emplace(all_[i].name, i);
        auto const known = places_.find(name);
        return known == places_.end() ? nullptr : &all_[known->second];
    }
    void add(std::string_view name, std::string_view value) { all_.push_back({name, {value}}); }
    std::vector<Property> take() { return std::move(all_); }

private:
    static constexpr std::size_t looked_through = 64;
    std::vector<Property> all_;
    std::unordered_map<std::string_view, std::size_t> places_;
};

Result<std::vector<Property>> read_properties(Element const& instance, Element const& element) {
    Properties properties;
    for (Element const child : element.children()) {
        auto const name = child.name();
        auto const text = child.text();
        if (text.size() > longest_value && characters_in(text) > longest_value) {
            return unusable_at(instance, fmt::format("{} is longer than {} characters", name, longest_value));
        }
        if (auto* const known = properties.find(name)) {
            known->values.push_back(text);
            continue;
        }
        if (properties.size() == most_properties)
            return unusable_at(instance, fmt::format("more than {} properties", most_properties));
        properties.add(name, text);
    }
    return properties.take();
}

Result<Instance> read_instance(Element const& element) {
    auto const class_name = trim(element.attribute_or("Class", ""));
    auto const content = content_of(element.attribute_or("Content", ""));
    if (!content) {
        return unusable_at(element, fmt::format("Content is \"{}\": neither New, Updated nor Deleted",
                                                element.attribute_or("Content", "")));
    }
    auto const inner = element.first_child();
    if (!inner) return unusable_at(element, fmt::format("no element {} inside", class_name));
    if (!equal_ignoring_case(inner->name(), class_name)) {
        return unusable_at(
            element, fmt::format("Class is \"{}\", and the element inside is {}", class_name, inner->name()));
    }
    if (inner->next_sibling())
        return unusable_at(element, fmt::format("more than one element inside, {} among them", class_name));
    auto properties = read_properties(element, *inner);
    if (!properties) return std::unexpected(std::move(properties.error()));
    return Instance{class_name, *content, std::move(*properties), element.line(), element.column()};
}

} // namespace

std::optional<Content> content_of(std::string_view text) {
    text = trim(text);
    if (text.empty() || equal_ignoring_case(text, "New")) return Content::added;
    if (equal_ignoring_case(text, "Updated")) return Content::updated;
    if (equal_ignoring_case(text, "Deleted")) return Content::deleted;
    return std::nullopt;
}

Error unusable(Instance const& instance, std::string message) {
    return {Code::unusable_instance, std::move(message), {}, instance.line, instance.column};
}

Error summary(std::vector<Error> const& unusable, std::string_view what) {
    auto error = unusable.front();
    if (unusable.size() > 1) error.message += fmt::format("; {} {} in all", unusable.size(), what);
    return error;
}

Result<Instances> read_instances(Element const& body) {
    Instances instances;
    std::size_t count = 0;
    for (Element const child : body.children()) {
        if (child.name() != "Instance") continue;
        if (++count > most_instances) {
            return std::unexpected(
                fault_at(child, Code::limit_exceeded, fmt::format("more than {} instances", most_instances)));
        }
        auto instance = read_instance(child);
        if (instance) {
            instances.usable.push_back(std::move(*instance));
        } else {
            instances.unusable.push_back(std::move(instance.error()));
        }
    }
    return instances;
}

} // namespace pointman::endpoints::inventory
