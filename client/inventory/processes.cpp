// SPDX-License-Identifier: Apache-2.0
#include "client/inventory/processes.hpp"

#include "base/number.hpp"
#include "client/inventory/machine.hpp"
#include "client/inventory/texts.hpp"

#include <algorithm>
#include <map>
#include <unistd.h>

namespace pointman::client::inventory {

namespace {

using Users = std::map<std::string, std::string, std::less<>>; ///< names by numbers

Users users_of(Root const& root) {
    Users users;
    auto const text = root.text("etc/passwd", Root::large);
    for (auto const line : lines_of(text)) {
        auto const name = line.substr(0, line.find(':'));
        auto const password = std::min(line.find(':', name.size() + 1), line.size()); // `x`
        auto const number = line.substr(std::min(password + 1, line.size()));
        users.emplace(number.substr(0, number.find(':')), name);
    }
    return users;
}

std::string user_of(std::string_view status, Users const& users) {
    auto const fields = paragraphs_of(status);
    auto const numbers = words_of(fields.empty() ? std::string_view() : fields.front()["Uid"]);
    if (numbers.empty()) return {};
    auto const known = users.find(numbers.front()); // the real one: who has started it
    return known == users.end() ? std::string(numbers.front()) : known->second;
}

std::string name_in(std::string_view path) {
    return std::string(path.substr(path.rfind('/') + 1));
}

/// What the link of a process says, also when the file has been replaced meanwhile.
std::string file_of(Root const& root, std::filesystem::path const& process) {
    constexpr std::string_view deleted = " (deleted)";
    auto file = root.link(process / "exe");
    if (file.ends_with(deleted)) file.resize(file.size() - deleted.size());
    return file;
}

TimePoint after_boot(TimePoint boot, std::uint64_t ticks) {
    static auto const in_second = static_cast<std::uint64_t>(std::max(1L, ::sysconf(_SC_CLK_TCK)));
    constexpr std::uint64_t longest = 100ULL * 366 * 24 * 3600; // a number that nobody means
    return boot + std::chrono::seconds(std::min(ticks / in_second, longest));
}

} // namespace

std::vector<Process> processes_of(Root const& root) {
    auto const boot = boot_time(root);
    if (!boot) return {};
    auto const users = users_of(root);
    std::vector<Process> processes;
    for (auto const& name : root.names("proc")) {
        auto const pid = number_in<unsigned>(name);
        if (!pid) continue;
        auto const directory = std::filesystem::path("proc") / name;
        auto const ticks = start_of_process(root.text(directory / "stat"));
        auto const command = root.text(directory / "cmdline");
        if (!ticks || command.empty()) continue; // ended meanwhile, or the kernel's
        auto file = file_of(root, directory);
        auto const called = std::string_view(command).substr(0, command.find('\0'));
        processes.push_back({.pid = *pid,
                             .name = name_in(file.empty() ? called : std::string_view(file)),
                             .file = std::move(file),
                             .user = user_of(root.text(directory / "status"), users),
                             .start = after_boot(*boot, *ticks)});
    }
    std::ranges::sort(processes, {}, &Process::pid);
    return processes;
}

} // namespace pointman::client::inventory
