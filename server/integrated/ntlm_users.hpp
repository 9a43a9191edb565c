// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::integrated {

/// The accounts of security.ntlm_users: `DOMAIN:USER:PASSWORD` a line, in UTF-8; empty lines and lines that
/// begin with '#' are skipped. DOMAIN may be empty. A client has to spell the domain as it stands there,
/// since it goes into the proof as it is; of the user the case does not matter.
struct NtlmUsers {
    struct User {
        std::string domain;
        std::string name;
        std::string nt_hash; ///< of the password; in hexadecimal
    };
    std::vector<User> users;

    /// Whether the mechanism would find the account: a name without a domain is one of any.
    bool has(std::string_view account) const;

    /// The list in the form that the mechanism reads (Samba's smbpasswd). It takes the file above as well,
    /// but then makes each hash anew for each client, and gss-ntlmssp 1.2 loses 7 KB of memory at that.
    Result<std::string> mechanism_file() const;
};

/// Fails with usage and a message that names the line.
Result<NtlmUsers> parse_ntlm_users(std::string_view text);

/// Reads the file. Fails with usage and a message that names the file.
Result<NtlmUsers> read_ntlm_users(std::filesystem::path const& file);

} // namespace pointman::integrated
