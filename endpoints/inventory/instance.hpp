// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"
#include "schemas/document.hpp"

#include <boost/container/small_vector.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace pointman::endpoints::inventory {

constexpr std::size_t most_instances = 50'000; ///< of a report
constexpr std::size_t most_properties = 2'000; ///< of an instance
constexpr std::size_t longest_value = 65'536;  ///< characters of one value

/// What became of an instance, for a delta.
enum class Content { added, updated, deleted };

/// Any case; "" is `New`. Nothing for another text.
std::optional<Content> content_of(std::string_view text);

/// One value, or those of an array.
struct Property {
    std::string_view name;
    boost::container::small_vector<std::string_view, 1> values;
};

/// `<Instance Class="Win32_LogicalDisk" Content="Updated"><Win32_LogicalDisk>...`, as views of the document.
struct Instance {
    std::string_view class_name;
    Content content = Content::added;
    std::vector<Property> properties; ///< in the order sent; repeated elements are one array
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

struct Instances {
    std::vector<Instance> usable;
    std::vector<Error>
        unusable; ///< one for each instance that was left out: unusable_instance, with its place
};

/// The instances of a `ReportBody` (hardware-inventory.md "body"). One is unusable where its class element is
/// missing or differs from `Class`, a value breaks a limit, or nobody can tell what `Content` asks for. Fails
/// with limit_exceeded for too many. They may not outlive the document.
Result<Instances> read_instances(schemas::Element const& body);

/// That it cannot be used, with its place.
Error unusable(Instance const& instance, std::string message);

/// The first of them, and how many there are of what they are. `unusable` is not empty.
Error summary(std::vector<Error> const& unusable, std::string_view what = "instances");

} // namespace pointman::endpoints::inventory
