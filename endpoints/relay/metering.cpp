// SPDX-License-Identifier: Apache-2.0
#include "endpoints/relay/metering.hpp"

#include "base/number.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "endpoints/report/fault.hpp"

#include <fmt/format.h>

#include <string>

namespace pointman::endpoints::relay {

namespace {

using schemas::Element;

std::string text_of(Element const& element, std::string_view name) {
    return std::string(trim(element.attribute_or(name, "")));
}

/// An attribute that is a number where it is there at all.
Result<std::int64_t> number_of(Element const& element, std::string_view name) {
    auto const text = trim(element.attribute_or(name, ""));
    if (text.empty()) return 0;
    auto const value = number_in<std::int64_t>(text);
    if (!value || *value < 0) return unusable_at(element, fmt::format("{} is \"{}\": no number", name, text));
    return *value;
}

class Reading {
public:
    explicit Reading(std::string_view report_date)
        : report_date_(parse_cim_time(report_date)) {}

    Result<ReportedUsages> run(Element const& body) {
        for (Element const product : body.children()) {
            if (product.name() != "ProductInfo") continue;
            for (Element const file : product.children()) {
                if (file.name() != "SoftwareFileInfo") continue;
                if (auto done = read_file(product, file); !done)
                    return std::unexpected(std::move(done.error()));
            }
        }
        return std::move(usages_);
    }

private:
    Result<void> read_file(Element const& product, Element const& element) {
        db::MeteredFile file{.name = text_of(element, "FileName"),
                             .version = text_of(element, "FileVersion"),
                             .description = text_of(element, "FileDescription"),
                             .company = text_of(product, "CompanyName"),
                             .product = text_of(product, "ProductName"),
                             .product_version = text_of(product, "ProductVersion"),
                             .product_language = text_of(product, "ProductLanguage")};
        auto const size = number_of(element, "FileSize");
        if (size) file.size = *size;
        for (Element const child : element.children()) {
            if (child.name() != "HistoricalMeterData") continue;
            if (usages_.usable.size() + usages_.unusable.size() == most_usages) {
                return std::unexpected(
                    fault_at(child, Code::limit_exceeded, fmt::format("more than {} usages", most_usages)));
            }
            auto usage =
                size ? read_usage(child, file) : Result<db::MeteredUsage>(std::unexpected(size.error()));
            if (usage) {
                usages_.usable.push_back(std::move(*usage));
            } else {
                usages_.unusable.push_back(std::move(usage.error()));
            }
        }
        return {};
    }

    Result<db::MeteredUsage> read_usage(Element const& element, db::MeteredFile const& file) const {
        db::MeteredUsage usage;
        usage.id = text_of(element, "MeterDataID");
        usage.file = file;
        if (usage.id.empty()) return unusable_at(element, "a usage without MeterDataID");
        if (usage.file.name.empty()) return unusable_at(element, "a usage of a file without FileName");
        usage.user = text_of(element, "UserName");
        auto const status = number_of(element, "Status");
        if (!status) return std::unexpected(status.error());
        usage.status = *status;
        auto const start = text_of(element, "StartTime");
        auto const start_time = parse_cim_time(start);
        if (!start_time) return unusable_at(element, fmt::format("StartTime is \"{}\": no CIM time", start));
        usage.start = *start_time;
        auto const end = text_of(element, "EndTime");
        auto const end_time = end.empty() ? report_date_ : parse_cim_time(end);
        if (!end.empty() && !end_time)
            return unusable_at(element, fmt::format("EndTime is \"{}\": no CIM time", end));
        usage.end = end_time ? *end_time : usage.start;
        if (usage.end < usage.start) return unusable_at(element, "a usage that ends before it begins");
        return usage;
    }

    Result<TimePoint> report_date_;
    ReportedUsages usages_;
};

} // namespace

Result<ReportedUsages> read_usages(Element const& body, std::string_view report_date) {
    return Reading(report_date).run(body);
}

} // namespace pointman::endpoints::relay
