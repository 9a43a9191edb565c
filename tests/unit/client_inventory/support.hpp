// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/inventory/reports.hpp"
#include "client/inventory/root.hpp"
#include "client/inventory/snapshot.hpp"
#include "endpoints/inventory/classes.hpp"
#include "schemas/validator.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::test {

namespace inventory = client::inventory;

/// A copy of the small machine in tests/data, which a test may change.
class Tree {
public:
    Tree() {
        std::filesystem::copy(test_data("machine"), path(),
                              std::filesystem::copy_options::recursive |
                                  std::filesystem::copy_options::copy_symlinks);
    }
    std::filesystem::path const& path() const { return directory_.path(); }
    void write(std::filesystem::path const& file, std::string_view text) const {
        std::filesystem::create_directories((path() / file).parent_path());
        std::ofstream(path() / file, std::ios::binary) << text;
    }
    void remove(std::filesystem::path const& file) const { std::filesystem::remove_all(path() / file); }
    void touch(std::filesystem::path const& file, std::chrono::sys_seconds time) const {
        std::filesystem::last_write_time(path() / file, std::chrono::file_clock::from_sys(time));
    }
    inventory::Root root() const { return inventory::Root(path()); }

private:
    TemporaryDirectory directory_;
};

/// `Class *Key=a Name=b Array=c|d`
inline std::string line_of(inventory::Instance const& instance) {
    auto line = instance.class_name;
    for (auto const& property : instance.properties) {
        line += fmt::format(" {}{}={}", property.role == inventory::Role::value ? "" : "*", property.name,
                            fmt::join(property.values, "|"));
    }
    return line;
}

inline std::vector<std::string> lines_of(std::vector<inventory::Instance> const& instances) {
    std::vector<std::string> lines;
    for (auto const& instance : instances) lines.push_back(line_of(instance));
    return lines;
}

inline std::vector<std::string> lines_of(inventory::Snapshot const& snapshot) {
    std::vector<std::string> lines;
    for (auto const& entry : snapshot.entries()) lines.push_back(line_of(entry.instance));
    return lines;
}

using Lines = std::vector<std::string>;

inline client::Sender sender() {
    return {.id = "GUID:5B0C7A52-3F61-4E0A-9D11-27A8C4E0F1B3",
            .version = "5.00.8325.0000",
            .netbios_name = "LAB-PC07"};
}

/// What the schema of the site has against a report; "" = nothing.
inline std::string faults(std::string_view schema, std::string_view report) {
    schemas::load_embedded_schemas();
    auto const document = schemas::validate(schema, as_bytes(report));
    return document ? "" : describe(document.error());
}

/// Instances whose keys are not those that the site knows of their classes.
inline Lines wrongly_keyed(inventory::Snapshot const& snapshot) {
    Lines wrong;
    for (auto const& [identity, instance] : snapshot.entries()) {
        auto const* const known = endpoints::inventory::find_known_class(instance.class_name);
        std::vector<std::string_view> keys;
        for (auto const& property : instance.properties)
            if (property.role != inventory::Role::value) keys.emplace_back(property.name);
        if (known == nullptr || !std::ranges::equal(keys, known->keys)) wrong.push_back(line_of(instance));
    }
    return wrong;
}

} // namespace pointman::test
