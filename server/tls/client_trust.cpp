// SPDX-License-Identifier: Apache-2.0
#include "server/tls/client_trust.hpp"

#include <chrono>
#include <sys/stat.h>

namespace pointman::tls {

Result<std::unique_ptr<ClientTrust>> ClientTrust::load(TrustOptions options, Clock const& clock,
                                                       Notice notice) {
    std::unique_ptr<ClientTrust> trust(new ClientTrust(std::move(options), clock, std::move(notice)));
    if (auto read = trust->reload(); !read) return std::unexpected(std::move(read.error()));
    return trust;
}

Result<void> const& ClientTrust::judge(Peer& peer) const {
    // The generation first: a state that comes between the two is then only looked at once more.
    auto const generation = generation_.load();
    auto const now = clock_.now();
    auto& finding = peer.finding_;
    bool const stands =
        finding && peer.generation_ == generation && finding->from <= now && now < finding->until;
    if (!stands) {
        finding = find(*state_.load(), peer.shown_, now);
        peer.generation_ = generation;
    }
    return finding->outcome;
}

Result<void> ClientTrust::judge(BytesView certificate) const {
    Shown shown;
    shown.leaf.assign(certificate.begin(), certificate.end());
    return find(*state_.load(), shown, clock_.now()).outcome;
}

Finding ClientTrust::find(TrustState const& state, Shown const& shown, TimePoint now) const {
    auto finding = state.check(shown, now);
    auto const minute = std::chrono::floor<std::chrono::minutes>(now).time_since_epoch().count();
    if (!finding.passed_over.empty() && notice_ && noticed_minute_.exchange(minute) != minute)
        notice_(finding.passed_over);
    return finding;
}

Result<void> ClientTrust::reload() {
    std::scoped_lock const lock(reading_);
    return read();
}

Result<bool> ClientTrust::reload_if_changed() {
    std::scoped_lock const lock(reading_);
    if (stamps() == stamps_) return false;
    if (auto done = read(); !done) return std::unexpected(std::move(done.error()));
    return true;
}

Result<void> ClientTrust::read() {
    // Before the files: what changes while they are read is then seen as another change.
    stamps_ = stamps();
    auto state = TrustState::read(options_);
    if (!state) return std::unexpected(std::move(state.error()));
    state_.store(std::move(*state));
    ++generation_;
    return {};
}

std::vector<ClientTrust::Stamp> ClientTrust::stamps() const {
    std::vector<Stamp> all;
    for (auto const& file : options_.crls) {
        struct stat found {};
        Stamp stamp;
        if (::stat(file.c_str(), &found) == 0) {
            constexpr std::int64_t second = 1'000'000'000;
            stamp = {found.st_ino, found.st_size, found.st_mtim.tv_sec * second + found.st_mtim.tv_nsec};
        }
        all.push_back(stamp);
    }
    return all;
}

} // namespace pointman::tls
