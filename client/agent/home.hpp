// SPDX-License-Identifier: Apache-2.0
// The directory in which an agent keeps what it has to know tomorrow.
#pragma once

#include "base/file.hpp"

#include <boost/json/object.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <pointman/error.hpp>
#include <pointman/time.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::client::agent {

/// One process works in it at a time. All files have mode 0600 and change in one step: after a crash there is
/// what was there before, or what came then, whole.
class Home {
public:
    /// Makes the directory (0700) where it is missing. Fails with busy where another process works in it, and
    /// with storage.
    static Result<Home> open(std::filesystem::path directory);
    /// `$XDG_STATE_HOME/pointman-agent`, else `~/.local/state/pointman-agent`; "" where neither is known.
    static std::filesystem::path usual();

    std::filesystem::path const& path() const { return directory_; }
    std::filesystem::path identity() const { return directory_ / "identity"; }
    std::filesystem::path queue() const { return directory_ / "queue"; }
    std::filesystem::path file(std::string_view name) const { return directory_ / name; }

    /// A JSON object; an empty one where the file is not there. Fails with storage: the message says what to
    /// do with a damaged one.
    Result<boost::json::object> read(std::string_view name) const;
    Result<void> write(std::string_view name, boost::json::object const& content) const;
    Result<void> remove(std::string_view name) const;

private:
    Home(std::filesystem::path directory, std::unique_ptr<Descriptor> lock)
        : directory_(std::move(directory))
        , lock_(std::move(lock)) {}
    std::filesystem::path directory_;
    std::unique_ptr<Descriptor> lock_;
};

// Members of kept objects: what is missing or of another type is as if nobody had ever set it.
std::string text_in(boost::json::object const& object, std::string_view key);
std::optional<Time> time_in(boost::json::object const& object, std::string_view key);
unsigned count_in(boost::json::object const& object, std::string_view key);
boost::json::object object_in(boost::json::object const& object, std::string_view key);
std::vector<boost::json::object> objects_in(boost::json::object const& object, std::string_view key);
std::vector<std::string> texts_in(boost::json::object const& object, std::string_view key);

} // namespace pointman::client::agent
