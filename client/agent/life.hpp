// SPDX-License-Identifier: Apache-2.0
// A client that lives: registers, asks for policy, reports when policy says so, and meets requests of the
// site.
#pragma once

#include "client/agent/instructions.hpp"
#include "client/agent/local_client.hpp"
#include "client/agent/points.hpp"

#include <map>
#include <set>

namespace pointman::client::agent {

class Life {
public:
    /// Goes on where the directory was left.
    static Result<Life> begin(LocalClient& client);

    /// Does what is due, and returns when something is due next. A failure is told of, and what failed is
    /// tried again: after 1, 2, 4 ... minutes, an hour at most, or after what the server asked for, whichever
    /// is later. Nothing else is done until then. After three failures of the assigned management point the
    /// next try goes to another of the site, until the assigned one answers again.
    Time step();
    /// Why the last step did not come to its end.
    std::optional<Error> const& failure() const { return failure_; }

private:
    explicit Life(LocalClient& client)
        : client_(client)
        , points_(client.settings().server) {}

    Result<void> load();
    Result<void> save() const;
    /// Whether the client is approved, so that it may go on.
    Result<bool> stand();
    Result<void> poll();
    Result<void> perform();
    Result<void> perform(Task task);
    Result<void> meet_resync(Task task);
    Result<void> send(Task task, bool is_resync);
    Result<void> deliver();
    Result<void> meter();
    Result<void> say_that_communication_works();
    Result<void> work();
    Time back_off(Error const& error);

    void load_points();
    Result<void> learn_points();
    void look_back();
    void turn_to_current_point();

    bool is_due(Task task) const;
    /// When the task is due; nothing where it never is.
    std::optional<Time> due(Task task) const;
    Time policy_due() const;
    Time next() const;

    LocalClient& client_;
    KeptPolicy policy_;
    Instructions instructions_;
    std::map<Task, Time> done_;
    std::set<std::string> met_;     ///< requests of the site, as Instructions::resyncs names them
    bool stands_ = false;           ///< registered and approved, as this process knows
    bool waits_ = false;            ///< messages in the queue
    std::set<std::string> remarks_; ///< that were told
    Points points_;
    std::optional<Time> points_asked_{};
    Time looked_back_{}; ///< whether the assigned point answers again
    std::optional<Error> failure_;
    unsigned failures_ = 0; ///< one after another
    Time not_before_{};
};

} // namespace pointman::client::agent
