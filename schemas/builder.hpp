// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "schemas/document_impl.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pointman::schemas {

/// Puts a Document together in document order. Knows nothing of the parser and of limits.
class Builder {
public:
    Builder();

    /// Index of the name, the same for equal names.
    std::uint32_t intern(std::u16string_view name);
    std::size_t name_count() const { return impl_->names.size(); }
    std::size_t element_count() const { return impl_->nodes.size(); }
    std::size_t depth() const { return depth_; }

    void open(std::uint32_t name, std::uint32_t line, std::uint32_t column);
    /// Belongs to the element opened last.
    void attribute(std::uint32_t name, std::u16string_view value);
    void text(std::u16string_view piece);
    void close();

    /// Units of text so far in the element that is open.
    std::size_t open_text_units() const { return stack_[depth_ - 1].units; }

    Document finish();

private:
    struct Level {
        std::uint32_t node = 0;
        std::uint32_t last_child = 0;
        std::size_t units = 0;
        char16_t pending = 0; ///< first half of a pair whose other half is in the next piece
        std::string text;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::u16string_view text) const {
            return std::hash<std::u16string_view>()(text);
        }
    };

    TextSpan store(std::string_view utf8);

    std::unique_ptr<Document::Impl> impl_;
    std::unordered_map<std::u16string, std::uint32_t, Hash, std::equal_to<>> names_;
    std::vector<Level> stack_; ///< levels above depth_ are kept for their buffers
    std::size_t depth_ = 0;
};

} // namespace pointman::schemas
