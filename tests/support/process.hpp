// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace pointman::test {

struct Finished {
    int exit_code = -1; ///< negative: minus the signal that ended it
    std::string out;
    std::string err;
};

/// Variables that a program gets beside those of the test.
using Environment = std::vector<std::pair<std::string, std::string>>;

/// Runs a program to its end.
Finished run(std::vector<std::string> const& command, Environment const& environment = {});

/// A program in the background. Killed at the end of the test if it still runs.
class Process {
public:
    /// Output goes to `log`.
    Process(std::vector<std::string> const& command, std::filesystem::path const& log,
            Environment const& environment = {});
    ~Process();
    Process(Process const&) = delete;
    Process& operator=(Process const&) = delete;

    pid_t id() const { return id_; }
    void signal(int number) const;
    /// Exit code, negative for a signal. Throws when it has not ended after thirty seconds.
    int wait();
    bool running();

private:
    pid_t id_ = -1;
    bool ended_ = false;
    int status_ = 0;
};

/// Waits until the file exists and is not empty, or the process ends; returns its text. Throws after thirty
/// seconds.
std::string wait_for_file(std::filesystem::path const& file, Process& process);

} // namespace pointman::test
