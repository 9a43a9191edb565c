// SPDX-License-Identifier: Apache-2.0
#include "server/integrated/accounts.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pointman::integrated {

namespace {

constexpr std::string_view host_service = "host/";

bool has_control_character(std::string_view text) {
    return std::ranges::any_of(text,
                               [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::unexpected<Error> no_account(std::string_view name) {
    return fail(Code::malformed, fmt::format("the name '{}' cannot be an account", name));
}

/// `labpc01.lab.example` -> `LABPC01$`
std::string machine_account(std::string_view host) {
    return to_upper(host.substr(0, host.find('.'))) + '$';
}

} // namespace

Result<std::string> account_of_principal(std::string_view principal) {
    // GSSAPI displays special characters inside a component with a backslash before them.
    auto const at = principal.rfind('@');
    if (at == std::string_view::npos || at == 0 || at + 1 == principal.size()) return no_account(principal);
    if (principal.find('\\') != std::string_view::npos || has_control_character(principal)) {
        return no_account(principal);
    }
    auto const realm = principal.substr(at + 1);
    auto const name = principal.substr(0, at);
    if (!starts_with_ignoring_case(name, host_service)) return fmt::format("{}\\{}", realm, name);
    auto const host = name.substr(host_service.size());
    if (host.empty() || host.starts_with('.') || host.find('/') != std::string_view::npos) {
        return no_account(principal);
    }
    return fmt::format("{}\\{}", realm, machine_account(host));
}

Result<std::string> account_of_ntlm(std::string_view name) {
    auto const slash = name.find('\\');
    auto const user = slash == std::string_view::npos ? name : name.substr(slash + 1);
    if (user.empty() || user.find('\\') != std::string_view::npos || has_control_character(name)) {
        return no_account(name);
    }
    return std::string(slash == 0 ? user : name);
}

} // namespace pointman::integrated
