// SPDX-License-Identifier: Apache-2.0
// What a machine is made of, at one moment: instances of the documented classes.
#pragma once

#include <boost/container/small_vector.hpp>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pointman::client::inventory {

/// Whether a property tells an instance from others of its class. Keys are not in the report: both sides know
/// them from the class (hardware-inventory.md, software-inventory.md "Keys").
enum class Role : std::uint8_t {
    value,
    key,
    key_ignoring_case, ///< names and folders of files
};

using Values = boost::container::small_vector<std::string, 1>;

struct Property {
    std::string name;
    Values values; ///< one, or those of an array
    Role role = Role::value;

    bool operator==(Property const&) const = default;
};

/// Where most classes lie, and those of the agent itself.
inline constexpr std::string_view cimv2 = R"(root\cimv2)";
inline constexpr std::string_view ccm = R"(root\ccm)";

struct Instance {
    std::string class_name;
    std::string name_space; ///< without the machine, e.g. `root\cimv2`
    std::vector<Property> properties;

    explicit Instance(std::string_view class_of, std::string_view name_space_of = cimv2)
        : class_name(class_of)
        , name_space(name_space_of) {}

    /// A key is sent even where it is empty: without it nobody can use the instance.
    Instance& key(std::string_view name, std::string_view value);
    Instance& key_ignoring_case(std::string_view name, std::string_view value);
    /// What is not known, or empty, is left out.
    Instance& set(std::string_view name, std::string_view value);
    Instance& set(std::string_view name, std::optional<std::uint64_t> number);
    Instance& set(std::string_view name, std::integral auto number) {
        return set(name, std::to_string(number));
    }
    Instance& set(std::string_view name, Values values);

    /// The first value; "" where there is none.
    std::string_view value(std::string_view name) const;
    Property const* find(std::string_view name) const;

    bool operator==(Instance const&) const = default;
};

/// The text as it can be reported: UTF-8 (each byte that is none becomes U+FFFD), control characters as
/// blanks, without white space at its ends, at most 4,096 bytes.
std::string reportable(std::string_view text);

/// What tells the instance from all others of a machine: the class with the values of its keys.
std::string identity_of(Instance const& instance);

/// In order of class and keys, with one instance for each identity: of several given the last counts, as it
/// does at the site. That of a class without keys is the only one of its class.
class Snapshot {
public:
    Snapshot() = default;
    explicit Snapshot(std::vector<Instance> instances);

    struct Entry {
        std::string identity;
        Instance instance;
        bool operator==(Entry const&) const = default;
    };
    std::vector<Entry> const& entries() const { return entries_; }
    std::size_t size() const { return entries_.size(); }
    bool empty() const { return entries_.empty(); }

    /// Those of a class, in order.
    std::vector<Instance const*> of(std::string_view class_name) const;
    /// The first of a class; nullptr where there is none.
    Instance const* first(std::string_view class_name) const;

    bool operator==(Snapshot const&) const = default;

private:
    std::vector<Entry> entries_;
};

} // namespace pointman::client::inventory
