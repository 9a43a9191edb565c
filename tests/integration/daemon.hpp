// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/paths.hpp"
#include "tests/support/process.hpp"

#include <boost/json/parse.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace pointman::test {

/// The program itself, with a lab below the directory.
class Daemon {
public:
    /// `sets` as for --set.
    explicit Daemon(std::filesystem::path const& directory, std::vector<std::string> const& sets = {})
        : ready_(directory / "ready.json")
        , process_(command(directory, ready_, sets), directory / "console.log") {
        auto const line = boost::json::parse(wait_for_file(ready_, process_)).as_object();
        address_ = std::string(line.at("http").as_string()).substr(7);
        socket_ = std::string(line.at("socket").as_string());
        host_ = "unix:" + socket_;
    }
    std::string const& address() const { return address_; }
    std::string const& local_host() const { return host_; } ///< as clients name it
    std::string const& socket() const { return socket_; }
    Process& process() { return process_; }
    static std::filesystem::path database_in(std::filesystem::path const& directory) {
        return directory / "lab/pointman.db";
    }

private:
    static std::vector<std::string> command(std::filesystem::path const& directory,
                                            std::filesystem::path const& ready,
                                            std::vector<std::string> const& sets) {
        std::filesystem::remove(ready);
        std::vector<std::string> words{
            POINTMAN_BINARY, "serve",       "--lab",   (directory / "lab").string(),
            "--http",        "127.0.0.1:0", "--https", "127.0.0.1:0",
            "--ready-file",  ready.string()};
        for (auto const& set : sets) words.insert(words.end(), {"--set", set});
        return words;
    }

    std::filesystem::path ready_;
    Process process_;
    std::string address_;
    std::string host_;
    std::string socket_;
};

} // namespace pointman::test
