// SPDX-License-Identifier: Apache-2.0
// Who is told what, and whether all of it or only what is new (policy.md 4).
#pragma once

#include "db/policies.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::endpoints::policy {

/// Which assignments are wanted: all, or what changed since a cookie.
enum class Scope { full, delta };

/// What a client was told last: opaque to it, kept and sent back unchanged. It says up to which change, and
/// carries the sum of the stamps of all texts that the client had then. So it needs no memory here, and what
/// changed under it in any other way - an assignment removed, a client that joined or left a collection, a
/// cookie of another client or another database, a database that was restored - shows as another sum.
struct Cookie {
    std::int64_t change = 0;
    std::uint64_t stamps = 0; ///< modulo 2^64

    /// `17-9F86D081884C7D65`; nothing for what is no cookie of this server.
    static std::optional<Cookie> parse(std::string_view text);
    std::string text() const;
    bool operator==(Cookie const&) const = default;
};

/// One assignment, ready to be told.
class Assignment {
public:
    explicit Assignment(db::PolicyAssignment assignment);

    std::string const& id() const { return id_; }
    std::string const& policy_key() const { return policy_key_; }
    std::string const& text() const { return text_; } ///< XML, UTF-8
    std::int64_t first() const { return texts_.front().change; }
    std::int64_t change() const { return texts_.back().change; } ///< since when its text is that
    std::uint64_t stamp() const { return texts_.back().stamp; }
    /// The stamp of the text that it had after a change; nothing where it had none yet.
    std::optional<std::uint64_t> stamp_at(std::int64_t change) const;

private:
    struct Text {
        std::int64_t change;
        std::uint64_t stamp;
    };
    std::string id_;
    std::string policy_key_;
    std::string text_;
    std::vector<Text> texts_; ///< ascending, at least one
};

/// Assignments that reach the same clients. What a delta costs depends on how many of them changed, not on
/// how many there are.
class Group {
public:
    explicit Group(std::vector<Assignment> assignments = {});
    Group(Group&&) noexcept = default;
    Group& operator=(Group&&) noexcept = default;
    Group(Group const&) = delete; // its keys are views of its assignments
    Group& operator=(Group const&) = delete;
    ~Group() = default;

    std::span<Assignment const> all() const { return assignments_; }
    std::span<Assignment const> changed_after(std::int64_t change) const;
    std::uint64_t stamps() const { return stamps_; }
    bool has_policy(std::string_view policy_key) const;

private:
    std::vector<Assignment> assignments_;       ///< by change
    std::vector<std::string_view> policy_keys_; ///< sorted; of assignments_
    std::uint64_t stamps_ = 0;
};

/// The answer to one request.
struct Told {
    Scope scope = Scope::full;
    std::vector<Assignment const*> assignments; ///< in the order in which they were assigned
    Cookie cookie;
};

/// `groups` are those that reach the client, `now` the latest change. A delta is answered as one only when
/// the client has exactly what it was told at its cookie and all of that still holds or was changed since;
/// otherwise with everything: clients take an assignment that a full reply lacks as gone, and no form of a
/// removal in a delta is known.
Told decide(std::span<Group const* const> groups, std::int64_t now, Scope scope, std::string_view cookie);

} // namespace pointman::endpoints::policy
