// SPDX-License-Identifier: Apache-2.0
#include "endpoints/registration/approval.hpp"

#include "base/text.hpp"

namespace pointman::endpoints::registration {

bool is_machine_account_of(std::string_view account, std::string_view netbios_name) {
    constexpr std::size_t netbios_length = 15;
    if (auto const slash = account.rfind('\\'); slash != std::string_view::npos)
        account.remove_prefix(slash + 1);
    if (!account.ends_with('$')) return false;
    account.remove_suffix(1);
    return !account.empty() &&
           equal_ignoring_case(account.substr(0, netbios_length), netbios_name.substr(0, netbios_length));
}

Approved approval_for(config::AutoApprove rule, std::string_view account, std::string_view netbios_name) {
    switch (rule) {
    case config::AutoApprove::all:
        return {db::Approval::approved, "automatic"};
    case config::AutoApprove::integrated:
        if (is_machine_account_of(account, netbios_name)) return {db::Approval::approved, "integrated"};
        break;
    case config::AutoApprove::none:
        break;
    }
    return {};
}

} // namespace pointman::endpoints::registration
