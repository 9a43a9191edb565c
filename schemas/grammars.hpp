// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "schemas/acceptor.hpp"

#include <xercesc/framework/XMLGrammarPool.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pointman::schemas {

/// One embedded schema, compiled. No message has a namespace and a pool holds one grammar for each namespace,
/// so every schema has a pool of its own.
struct Grammar {
    std::string_view name; ///< file name
    std::string_view text;
    std::string root; ///< the one element that may be the root
    std::unique_ptr<xercesc::XMLGrammarPool> pool;
    std::optional<Acceptor> acceptor; ///< says yes to most valid documents many times as fast
};

/// All of them, compiled at the first call and locked. They live until the process ends.
/// Throws std::logic_error when one is broken.
std::span<Grammar const> grammars();

} // namespace pointman::schemas
