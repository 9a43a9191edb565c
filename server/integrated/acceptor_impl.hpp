// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/integrated/acceptor.hpp"
#include "server/integrated/gss.hpp"
#include "server/integrated/keytab.hpp"
#include "server/integrated/ntlm_users.hpp"
#include "server/integrated/secret_file.hpp"

#include <optional>

namespace pointman::integrated {

/// Each mechanism has a credential of its own, for its bare tokens and for those in SPNEGO. One for both
/// would need one name: Kerberos shall take any key of the keytab, which is no name, and NTLM wants to know
/// whom to present.
struct Acceptor::Impl {
    struct Kerberos {
        Keytab keytab;
        gss::Credential credential;
    };
    struct Ntlm {
        NtlmUsers users;
        MemoryFile file; ///< the same for the mechanism, which reads it again for each client
        gss::Credential credential;
    };
    static Result<Kerberos> load_kerberos(std::filesystem::path const& file);
    static Result<Ntlm> load_ntlm(std::filesystem::path const& file, std::string const& host);

    std::optional<Kerberos> kerberos;
    std::optional<Ntlm> ntlm;
    std::vector<std::string> warnings;
};

} // namespace pointman::integrated
