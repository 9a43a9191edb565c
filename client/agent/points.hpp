// SPDX-License-Identifier: Apache-2.0
// Which management point an agent speaks to.
#pragma once

#include <cstddef>
#include <pointman/location.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::client::agent {

/// The assigned one, and in its place another of the site, while it does not answer.
class Points {
public:
    /// Tries that the assigned one has; each other has one.
    static constexpr unsigned tries = 3;

    explicit Points(std::string assigned)
        : urls_{std::move(assigned)} {}

    /// In the order in which they are tried. Who is at one that is left out goes back.
    void set_others(std::vector<std::string> const& others);

    std::string const& assigned() const { return urls_.front(); }
    std::string const& current() const { return urls_[at_]; }
    bool is_away() const { return at_ != 0; }

    /// A try has come to nothing: whether another is the current one now.
    bool failed();
    void answered() { failures_ = 0; }
    void go_back();

private:
    std::vector<std::string> urls_; ///< the assigned one first
    std::size_t at_ = 0;
    unsigned failures_ = 0; ///< of the current one, one after another
};

/// Whether another management point could do better: nobody there, or overloaded, or broken.
bool is_of_the_point(Error const& error);

/// URLs of those in a site's list that are others than the assigned one: like that in scheme, port and path.
/// What is no name of a host, or of another site than that ("" = any), is passed over.
std::vector<std::string> others_in(std::span<ManagementPoint const> list, std::string_view assigned,
                                   std::string_view site_code);

} // namespace pointman::client::agent
