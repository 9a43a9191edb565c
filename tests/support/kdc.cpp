// SPDX-License-Identifier: Apache-2.0
#include "tests/support/kdc.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace pointman::test {

namespace {

constexpr char const* client_configuration = R"([libdefaults]
 default_realm = {realm}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
[realms]
 {realm} = {{
  kdc = 127.0.0.1:{port}
 }}
[domain_realm]
 .lab.test = {realm}
)";

constexpr char const* server_configuration = R"([kdcdefaults]
 kdc_listen = 127.0.0.1:{port}
 kdc_tcp_listen = 127.0.0.1:{port}
[realms]
 {realm} = {{
  database_name = {directory}/principal
  key_stash_file = {directory}/stash
 }}
[logging]
 kdc = FILE:{directory}/kdc.log
)";

/// A port that was free a moment ago: the center takes no port 0.
unsigned free_port() {
    int const probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0) throw std::runtime_error("no socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bool const bound = ::bind(probe, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                       ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    ::close(probe);
    if (!bound) throw std::runtime_error("no free port");
    return ntohs(address.sin_port);
}

} // namespace

Kdc::Kdc(std::string realm)
    : realm_(std::move(realm)) {
    write_configuration(free_port());
    checked({"/usr/sbin/kdb5_util", "create", "-s", "-r", realm_, "-P", "master"}, environment());
    start();
}

void Kdc::write_configuration(unsigned port) const {
    auto const values = [&](char const* form) {
        return fmt::format(fmt::runtime(form), fmt::arg("realm", realm_), fmt::arg("port", port),
                           fmt::arg("directory", directory().string()));
    };
    std::ofstream(directory() / "krb5.conf") << values(client_configuration);
    std::ofstream(directory() / "kdc.conf") << values(server_configuration);
}

/// Somebody else may have taken the port meanwhile.
void Kdc::start() {
    for (int tries = 0;; ++tries) {
        auto const pid_file = directory() / "kdc.pid";
        process_ = std::make_unique<Process>(
            std::vector<std::string>{"/usr/sbin/krb5kdc", "-n", "-r", realm_, "-P", pid_file.string()},
            directory() / "kdc.out", environment());
        try {
            // Written when the sockets are open.
            wait_for_file(pid_file, *process_);
            return;
        } catch (std::runtime_error const&) {
            if (tries == 5) throw std::runtime_error("no KDC: " + read_text(directory() / "kdc.out"));
            write_configuration(free_port());
        }
    }
}

std::string Kdc::checked(std::vector<std::string> const& command, Environment const& environment) const {
    auto const result = run(command, environment);
    if (result.exit_code == 0) return result.out;
    throw std::runtime_error(
        fmt::format("{} failed with {}: {}{}", command.front(), result.exit_code, result.out, result.err));
}

std::filesystem::path Kdc::add(std::string const& principal) {
    auto keytab = directory() / fmt::format("{}.keytab", ++files_);
    auto const administer = [&](std::string const& query) {
        checked({"/usr/sbin/kadmin.local", "-r", realm_, "-q", query}, environment());
    };
    administer(fmt::format("addprinc -randkey {}", principal));
    administer(fmt::format("ktadd -q -k {} {}", keytab.string(), principal));
    // kadmin.local reports success whatever happened.
    if (!std::filesystem::exists(keytab)) throw std::runtime_error("no key for " + principal);
    return keytab;
}

Environment Kdc::environment() const {
    return {{"KRB5_CONFIG", (directory() / "krb5.conf").string()},
            {"KRB5_KDC_PROFILE", (directory() / "kdc.conf").string()},
            {"KRB5RCACHENAME", "dfl:"},
            {"KRB5RCACHEDIR", directory().string()},
            {"KRB5CCNAME", "FILE:" + (directory() / "nobody").string()}};
}

Environment Kdc::log_in(std::string const& principal, std::filesystem::path const& keytab) {
    auto result = environment();
    result.back().second = fmt::format("FILE:{}/cache-{}", directory().string(), ++files_);
    checked({"kinit", "-k", "-t", keytab.string(), principal}, result);
    return result;
}

} // namespace pointman::test
