// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace pointman::integrated {

struct Options {
    std::filesystem::path keytab;     ///< security.keytab; "" = no Kerberos
    std::filesystem::path ntlm_users; ///< security.ntlm_users; "" = no NTLM
    std::string host;                 ///< the name by which the management point presents itself in NTLM
};

/// What clients are checked against: the keys of a keytab and a list of NTLM accounts, both as they stood
/// when they were read. May be used from several threads at a time.
class Acceptor {
public:
    /// Fails with usage and a message that names the setting, the file and what to do. With neither file it
    /// accepts nobody.
    static Result<std::shared_ptr<Acceptor const>> load(Options const& options);
    ~Acceptor();
    Acceptor(Acceptor const&) = delete;
    Acceptor& operator=(Acceptor const&) = delete;

    /// What an operator should hear of, e.g. a file of passwords that everybody can read.
    std::vector<std::string> const& warnings() const;
    /// For the log: "Kerberos as HTTP/mp.lab.example@LAB.EXAMPLE; NTLM for 3 accounts", or "nobody".
    std::string summary() const;

private:
    friend class Handshake;
    struct Impl;
    explicit Acceptor(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace pointman::integrated
