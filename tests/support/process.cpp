// SPDX-License-Identifier: Apache-2.0
#include "tests/support/process.hpp"

#include "tests/support/paths.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <initializer_list>
#include <poll.h>
#include <stdexcept>
#include <string_view>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pointman::test {

namespace {

/// Output of the child goes there from now on.
void redirect(std::filesystem::path const& file, std::initializer_list<int> streams) {
    int const opened = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (opened < 0) _exit(126);
    for (int const stream : streams) dup2(opened, stream);
}

/// What a child becomes, put together before the fork: the child of a process with threads may not allocate,
/// since another thread may have held the allocator's lock at that moment, and nobody gives it back there.
class Image {
public:
    Image(std::vector<std::string> const& command, Environment const& added) {
        for (auto const& word : command) arguments_.push_back(const_cast<char*>(word.c_str()));
        arguments_.push_back(nullptr);
        for (auto const& [name, value] : added) texts_.push_back(name + "=" + value);
        for (auto& text : texts_) environment_.push_back(text.data());
        for (char** entry = environ; *entry != nullptr; ++entry) {
            std::string_view const name(*entry, std::strcspn(*entry, "="));
            if (std::ranges::none_of(added, [&](auto const& each) { return each.first == name; }))
                environment_.push_back(*entry);
        }
        environment_.push_back(nullptr);
    }
    Image(Image const&) = delete;
    Image& operator=(Image const&) = delete;
    ~Image() = default;

    [[noreturn]] void become() const {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, nullptr);
        execvpe(arguments_[0], arguments_.data(), environment_.data());
        _exit(127);
    }

private:
    std::vector<char*> arguments_;
    std::vector<std::string> texts_;
    std::vector<char*> environment_;
};

int outcome(int status) {
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

} // namespace

Finished run(std::vector<std::string> const& command, Environment const& environment) {
    TemporaryDirectory const directory;
    auto const out = directory.path() / "out";
    auto const err = directory.path() / "err";
    Image const image(command, environment);
    pid_t const child = fork();
    if (child == 0) {
        redirect(out, {STDOUT_FILENO});
        redirect(err, {STDERR_FILENO});
        image.become();
    }
    int status = 0;
    waitpid(child, &status, 0);
    return {outcome(status), read_text(out), read_text(err)};
}

Process::Process(std::vector<std::string> const& command, std::filesystem::path const& log,
                 Environment const& environment) {
    Image const image(command, environment);
    id_ = fork();
    if (id_ < 0) throw std::runtime_error("cannot fork");
    if (id_ == 0) {
        // Also where the test is killed: a server that stays behind would hold its port.
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        redirect(log, {STDOUT_FILENO, STDERR_FILENO});
        image.become();
    }
}

Process::~Process() {
    if (ended_) return;
    ::kill(id_, SIGKILL);
    waitpid(id_, &status_, 0);
}

void Process::signal(int number) const {
    if (!ended_) ::kill(id_, number);
}

int Process::wait() {
    if (!ended_) {
        // A descriptor of the process becomes readable when it ends: no polling, and a bound on the wait.
        int const descriptor = static_cast<int>(syscall(SYS_pidfd_open, id_, 0));
        pollfd watched{descriptor, POLLIN, 0};
        int const ready = ::poll(&watched, 1, 30'000);
        ::close(descriptor);
        if (ready != 1) throw std::runtime_error("the process does not end");
        waitpid(id_, &status_, 0);
        ended_ = true;
    }
    return outcome(status_);
}

bool Process::running() {
    if (!ended_ && waitpid(id_, &status_, WNOHANG) == id_) ended_ = true;
    return !ended_;
}

std::string wait_for_file(std::filesystem::path const& file, Process& process) {
    for (int tries = 0; tries < 3000; ++tries) {
        std::error_code missing;
        if (std::filesystem::file_size(file, missing) > 0 && !missing) return read_text(file);
        if (!process.running()) throw std::runtime_error("the process ended before it was ready");
        ::poll(nullptr, 0, 10);
    }
    throw std::runtime_error("the process did not become ready");
}

} // namespace pointman::test
