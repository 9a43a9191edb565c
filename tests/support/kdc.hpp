// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/paths.hpp"
#include "tests/support/process.hpp"

#include <memory>
#include <string>
#include <vector>

namespace pointman::test {

/// A Kerberos realm of its own: database and configuration in a directory, the key distribution center on a
/// free port of the loopback. Ends with the object. Everything throws std::runtime_error with the programs'
/// own words.
class Kdc {
public:
    explicit Kdc(std::string realm = "LAB.TEST");

    std::string const& realm() const { return realm_; }
    std::filesystem::path const& directory() const { return directory_.path(); }

    /// A principal with a random key, `host/pc.lab.test` or `host/pc.lab.test@OTHER`. Returns a keytab with
    /// that key.
    std::filesystem::path add(std::string const& principal);

    /// What programs of this realm need to find it: servers, and clients without a ticket.
    Environment environment() const;
    /// The same for a client that has logged in with a key.
    Environment log_in(std::string const& principal, std::filesystem::path const& keytab);

private:
    void write_configuration(unsigned port) const;
    void start();
    std::string checked(std::vector<std::string> const& command, Environment const& environment) const;

    std::string realm_;
    TemporaryDirectory directory_;
    int files_ = 0;
    std::unique_ptr<Process> process_;
};

} // namespace pointman::test
