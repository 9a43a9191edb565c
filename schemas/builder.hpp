// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "schemas/document_impl.hpp"
#include "schemas/names.hpp"
#include "schemas/place.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pointman::schemas {

/// Puts a Document together in document order. Knows nothing of the parser and of limits.
/// Names and texts are UTF-8.
class Builder {
public:
    /// Forgets what there was. First of all, and before every document.
    void begin();

    /// Index of the name, the same for equal names.
    std::uint32_t intern(std::string_view name);
    std::size_t element_count() const { return impl_->nodes.size(); }
    std::size_t depth() const { return depth_; }

    void open(std::uint32_t name);
    /// These three are of the element opened last.
    void attribute(std::uint32_t name, std::string_view value);
    bool has_attribute(std::uint32_t name) const;
    void place(Place place);
    void text(std::string_view piece);
    void close();

    /// UTF-16 units of text so far in the element that is open.
    std::size_t open_text_units() const { return stack_[depth_ - 1].units; }

    Document finish() { return Document(std::move(impl_)); }

private:
    struct Level {
        std::uint32_t node = 0;
        std::uint32_t last_child = 0;
        std::size_t units = 0;
        std::string text;
    };

    TextSpan store(std::string_view utf8);

    std::unique_ptr<Document::Impl> impl_;
    NameTable names_;
    std::vector<Level> stack_; ///< levels above depth_ are kept for their buffers
    std::size_t depth_ = 0;
};

} // namespace pointman::schemas
