// SPDX-License-Identifier: Apache-2.0
#include "endpoints/inventory/file_list.hpp"

#include "base/number.hpp"
#include "base/text.hpp"
#include "endpoints/inventory/instance.hpp"
#include "endpoints/report/fault.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pointman::endpoints::inventory {

namespace {

using schemas::Element;

std::optional<std::uint64_t> id_in(std::string_view text) {
    text = trim(text);
    if (text.size() >= 2 && text.front() == '{' && text.back() == '}') text = text.substr(1, text.size() - 2);
    return number_in<std::uint64_t>(text);
}

} // namespace

template <class F>
std::optional<Bytes> FileAttachments::take_if(F const& fits) {
    auto const found = std::find_if(all_.rbegin(), all_.rend(), fits);
    if (found == all_.rend()) return std::nullopt;
    auto bytes = std::move(found->bytes);
    std::erase_if(all_, fits);
    return bytes;
}

std::optional<Bytes> FileAttachments::take_by_id(std::uint64_t id) {
    return take_if([id](db::StoredAttachment const& each) { return id_in(each.name) == id; });
}

std::optional<Bytes> FileAttachments::take_by_name(std::string_view name) {
    auto const is_called = [name](db::StoredAttachment const& each) {
        return equal_ignoring_case(each.name, name);
    };
    if (name.empty() || std::ranges::count_if(all_, is_called) != 1) return std::nullopt;
    return take_if(is_called);
}

std::expected<std::optional<Bytes>, std::string> FileAttachments::take(Element const& file,
                                                                       std::string_view name) {
    auto const text = trim(file.attribute_or("ID", ""));
    if (text.empty()) return take_by_name(name);
    auto const called = name.empty() ? std::string_view("a file") : name;
    auto const id = id_in(text);
    if (!id) return std::unexpected(fmt::format("ID of {} is \"{}\": no number", called, text));
    if (!ids_.insert(*id).second)
        return std::unexpected(fmt::format("ID {} of {} is that of another file too", *id, called));
    if (auto bytes = take_by_id(*id)) return bytes;
    return take_by_name(name);
}

Result<std::vector<std::string>> read_file_list(Element const& body, FileAttachments const& attachments,
                                                std::function<void(Element const&)> const& read) {
    std::size_t count = 0;
    std::optional<std::string> sum;
    for (Element const child : body.children()) {
        if (child.name() == "CollectedFileSum") sum = trim(child.text());
        if (child.name() != "CollectedFile") continue;
        if (++count > most_instances) {
            return std::unexpected(
                fault_at(child, Code::limit_exceeded, fmt::format("more than {} files", most_instances)));
        }
        read(child);
    }
    std::vector<std::string> remarks;
    // A count in spite of its name.
    if (sum && number_in<std::size_t>(*sum) != count)
        remarks.push_back(fmt::format("{} files, and CollectedFileSum is \"{}\"", count, *sum));
    if (attachments.left() != 0)
        remarks.push_back(fmt::format("{} attachments are of no file", attachments.left()));
    return remarks;
}

} // namespace pointman::endpoints::inventory
