// SPDX-License-Identifier: Apache-2.0
// Collected files out of any document, with attachments that fit some of them: every one is used or told of,
// what is kept stays below the limits, and the bytes that came are given out once.
#include "base/hex.hpp"
#include "endpoints/file_collection/files.hpp"
#include "endpoints/report/report_header.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>

namespace {

namespace inventory = pointman::endpoints::inventory;

void require(bool holds) {
    if (!holds) std::abort();
}

constexpr inventory::FileLimits limits{.file = 6, .cycle = 10};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const document = pointman::schemas::parse(std::as_bytes(std::span(data, size)));
    if (!document) return 0;
    auto const body = pointman::endpoints::report_body(*document);
    if (!body) return 0;
    std::vector<pointman::db::StoredAttachment> const attachments{{"1", pointman::to_bytes("one")},
                                                                  {"{2}", pointman::to_bytes("second")},
                                                                  {"hosts", pointman::to_bytes("large one")},
                                                                  {"3", {}}};
    auto const files = inventory::read_sent_files(*body, attachments, limits);
    if (!files) return 0;
    auto const children = body->children();
    auto const count = std::count_if(children.begin(), children.end(),
                                     [](auto const& child) { return child.name() == "CollectedFile"; });
    require(files->usable.size() + files->unusable.size() == static_cast<std::size_t>(count));
    require(files->unknown.size() <= files->unusable.size());
    std::size_t kept = 0;
    std::size_t with_bytes = 0;
    for (auto const& file : files->usable) {
        require(!file.of.name.empty() && !file.of.path.empty());
        require(file.sha256.empty() || file.sha256 == pointman::sha256_hex(file.bytes));
        require(!file.sha256.empty() || file.bytes.empty());
        require(file.bytes.size() <= limits.file);
        kept += file.bytes.size();
        if (!file.bytes.empty()) ++with_bytes;
    }
    require(kept <= limits.cycle && with_bytes <= attachments.size());
    return 0;
}
