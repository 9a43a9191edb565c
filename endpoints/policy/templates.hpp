// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pointman::endpoints::policy {

class TemplateValues;
class PolicyText;

struct TemplateParameter {
    std::string_view name;
    std::string_view help; ///< one line for operators: what it is, and its form where that is not plain
    std::string_view fallback = {}; ///< taken where the parameter is not given; "" = none
    bool required = false;
    bool repeatable = false;
    /// From what an operator writes to what policy says. Fails with usage; the message does not name the
    /// parameter.
    Result<std::string> (*reading)(std::string_view) = nullptr;
};

/// Ready-made policy. Classes and properties are those of the client's own policy namespaces
/// (root\ccm\policy\machine\requestedconfig); where each comes from stands beside the code that writes it.
struct PolicyTemplate {
    std::string_view name;
    std::string_view help;
    std::string_view category; ///< PolicyCategory of its assignments
    std::uint32_t flags = 0;   ///< PolicyFlags of its assignments
    std::span<TemplateParameter const> parameters = {};
    void (*write)(TemplateValues const& values, PolicyText& policy) = nullptr;
};

/// Sorted by name.
std::span<PolicyTemplate const> policy_templates();

/// Names in any case; nullptr where there is none.
PolicyTemplate const* find_template(std::string_view name);

/// A `Policy` document in UTF-8 for make_body(), secret values in clear, without PolicyID and PolicyVersion;
/// equal parameters give equal text. `parameters` are key=value pairs as given, keys in any case; one whose
/// value may be long (`sequence`) is the text itself: that `@FILE` stands for a file's text is the command's
/// business. Fails with usage for a key that the template does not have (the message lists those that it
/// has), a required one that is missing or empty, one given twice that is not repeatable, and a value that
/// does not fit.
Result<std::string> fill(PolicyTemplate const& policy_template,
                         std::vector<std::pair<std::string, std::string>> const& parameters,
                         std::string_view site_code);

} // namespace pointman::endpoints::policy
