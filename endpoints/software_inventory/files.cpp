// SPDX-License-Identifier: Apache-2.0
#include "endpoints/software_inventory/files.hpp"

#include "base/number.hpp"
#include "base/text.hpp"
#include "endpoints/inventory/folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace pointman::endpoints::inventory {

namespace {

using db::SoftwareFile;

/// Texts that are kept as they are.
constexpr std::array<std::pair<std::string_view, std::string SoftwareFile::*>, 6> texts{{
    {"CompanyName", &SoftwareFile::company},
    {"ProductName", &SoftwareFile::product},
    {"ProductVersion", &SoftwareFile::product_version},
    {"FileVersion", &SoftwareFile::version},
    {"FileDescription", &SoftwareFile::description},
    {"LastWriteDate", &SoftwareFile::modified},
}};

std::string language_of(std::string_view text) {
    text = trim(text);
    return text == "0" ? std::string() : std::string(text);
}

/// Where a property is sent twice, the last counts.
bool take_text(SoftwareFile& file, std::string_view name, std::string_view value) {
    auto const known = std::ranges::find_if(
        texts, [name](auto const& text) { return equal_ignoring_case(text.first, name); });
    if (known == texts.end()) return false;
    file.*(known->second) = value;
    return true;
}

Result<SoftwareFile> read_file(Instance const& instance) {
    if (!equal_ignoring_case(instance.class_name, "FileSystemFile"))
        return std::unexpected(
            unusable(instance, fmt::format("{} is no FileSystemFile", instance.class_name)));
    SoftwareFile file;
    std::string_view size;
    for (auto const& property : instance.properties) {
        auto const name = property.name;
        auto const value = property.values.back();
        if (take_text(file, name, value)) continue;
        if (equal_ignoring_case(name, "Name")) {
            file.name = trim(value);
        } else if (equal_ignoring_case(name, "Path")) {
            file.path = folder_of(value);
        } else if (equal_ignoring_case(name, "ProductLanguage")) {
            file.product_language = language_of(value);
        } else if (equal_ignoring_case(name, "Size")) {
            size = trim(value);
        } else {
            file.others.push_back({std::string(name), {property.values.begin(), property.values.end()}});
        }
    }
    if (file.name.empty()) return std::unexpected(unusable(instance, "a file without a name"));
    auto const bytes = number_in<std::int64_t>(size);
    if (!bytes || *bytes < 0) {
        return std::unexpected(
            unusable(instance, fmt::format("the size of {} is \"{}\": no number of bytes", file.name, size)));
    }
    file.size = *bytes;
    return file;
}

} // namespace

ReportedFiles read_files(Instances instances) {
    ReportedFiles files;
    files.unusable = std::move(instances.unusable);
    files.usable.reserve(instances.usable.size());
    for (auto const& instance : instances.usable) {
        auto file = read_file(instance);
        if (file) {
            files.usable.push_back({instance.content, std::move(*file)});
        } else {
            files.unusable.push_back(std::move(file.error()));
        }
    }
    return files;
}

} // namespace pointman::endpoints::inventory
