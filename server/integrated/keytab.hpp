// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace pointman::integrated {

/// The keys of a keytab, copied into memory: what happens to the file later does not matter until it is read
/// again.
class Keytab {
public:
    /// Fails with usage and a message that names the file: missing, unreadable, no keytab, no key in it that
    /// this system's Kerberos can use.
    static Result<Keytab> read(std::filesystem::path const& file);
    Keytab(Keytab&&) noexcept;
    Keytab& operator=(Keytab&&) noexcept;
    ~Keytab();

    /// The name under which Kerberos finds it in this process, as long as the object lives.
    std::string const& name() const;
    /// Whose keys they are, each once, as HTTP/mp.lab.example@LAB.EXAMPLE.
    std::vector<std::string> const& principals() const;

private:
    struct Impl;
    explicit Keytab(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace pointman::integrated
