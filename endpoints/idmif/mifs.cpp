// SPDX-License-Identifier: Apache-2.0
#include "endpoints/idmif/mifs.hpp"

#include "base/text.hpp"
#include "endpoints/idmif/instances.hpp"
#include "endpoints/inventory/file_list.hpp"
#include "endpoints/report/fault.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace pointman::endpoints::idmif {

namespace {

using inventory::Content;
using inventory::ReportedClass;
using schemas::Element;

class Reading {
public:
    Reading(std::vector<db::StoredAttachment> attachments, std::uint64_t max_file)
        : attachments_(std::move(attachments))
        , max_file_(max_file) {
        mifs_.attachments = attachments_.left();
    }

    Result<SentMifs> run(Element const& body) {
        auto remarks =
            inventory::read_file_list(body, attachments_, [this](Element const& file) { read(file); });
        if (!remarks) return std::unexpected(std::move(remarks.error()));
        std::ranges::move(*remarks, std::back_inserter(mifs_.remarks));
        return std::move(mifs_);
    }

private:
    static std::string name_of(Element const& element) {
        std::string name(trim(element.child_text("Name")));
        return name.empty() ? fmt::format("file {}", trim(element.attribute_or("ID", ""))) : name;
    }

    void read(Element const& element) {
        auto const name = name_of(element);
        auto const content = inventory::content_of(element.attribute_or("Content", ""));
        if (!content) {
            return refuse(element, fmt::format("Content of {} is \"{}\": neither New, Updated nor Deleted",
                                               name, element.attribute_or("Content", "")));
        }
        if (*content == Content::deleted) {
            ++mifs_.deleted;
            return;
        }
        auto const bytes = attachments_.take(element, trim(element.child_text("Name")));
        if (!bytes) return refuse(element, bytes.error());
        if (!*bytes) return refuse(element, fmt::format("the bytes of {} did not come", name));
        auto classes = classes_in(**bytes);
        if (!classes) return refuse(name, std::move(classes.error()));
        count(*classes);
        mifs_.usable.push_back({name, std::move(*classes)});
    }

    void refuse(Element const& element, std::string message) {
        mifs_.unusable.push_back(fault_at(element, Code::unusable_instance, std::move(message)));
    }
    void refuse(std::string_view name, Error error) {
        error.message = fmt::format("{}: {}", name, error.message);
        mifs_.unusable.push_back(std::move(error));
    }

    Result<std::vector<ReportedClass>> classes_in(BytesView file) const {
        if (file.size() > max_file_) {
            return fail(Code::exceed_size_limit,
                        fmt::format("{} bytes are more than relay.max_idmif ({})", file.size(), max_file_));
        }
        auto const text = mif::text_of(file);
        if (!text) return std::unexpected(text.error());
        auto const component = mif::parse(*text, limits_);
        if (!component) return std::unexpected(component.error());
        return classes_of(*component);
    }

    /// The limits are those of the report.
    void count(std::vector<ReportedClass> const& classes) {
        for (auto const& each : classes) {
            limits_.instances_before += each.instances.size();
            for (auto const& instance : each.instances)
                limits_.instance_bytes -= std::min(limits_.instance_bytes, instance.json.size());
        }
    }

    inventory::FileAttachments attachments_;
    std::uint64_t max_file_;
    mif::Limits limits_{.attributes = inventory::most_properties,
                        .instances = inventory::most_instances,
                        .value = inventory::longest_value};
    SentMifs mifs_;
};

} // namespace

Result<SentMifs> read_mifs(Element const& body, std::vector<db::StoredAttachment> attachments,
                           std::uint64_t max_file) {
    return Reading(std::move(attachments), max_file).run(body);
}

} // namespace pointman::endpoints::idmif
