// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "db/reports.hpp"
#include "db/status_messages.hpp"
#include "db/store.hpp"
#include "endpoints/directory.hpp"
#include "endpoints/policy/signatures.hpp"
#include "server/wire/message.hpp"
#include "tests/support/paths.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pointman::test {

inline constexpr TimePoint bench_time = std::chrono::sys_days{std::chrono::November / 23 / 2026};

/// The client of the samples for inventory, and the other one of the samples for relay and status.
inline constexpr std::string_view workstation = "GUID:7C1D9A52-3E0B-4F61-9B8E-52D4A0E7C913";
inline constexpr std::string_view lab_pc = "GUID:5D7C1B2E-04A9-4F6B-9C33-7E21A0B8D654";

/// How bytes of a document are laid out.
enum class Layout { utf16, utf16_with_mark, utf8 };
Bytes encoded(std::string_view utf8, Layout layout = Layout::utf16);

/// A message to put together by hand.
struct Draft {
    std::string endpoint;
    std::string source_id;
    std::string body; ///< UTF-8
    struct Attachment {
        std::string name;
        Bytes bytes;
    };
    std::vector<Attachment> attachments = {};
    std::string file_type = {};
};
/// As clients lay it out: the body in UTF-16 with NUL, the attachments, 0D 0A.
wire::Message message_of(Draft const& draft);

/// A recorded request below tests/data/captures, decoded.
wire::Message recorded(std::string const& name);

/// A sample below schemas/samples.
std::string sample(std::string const& name);
std::string replaced(std::string text, std::string_view what, std::string_view with);

/// What the connection and the header of a message proved.
struct Proven {
    std::string account = {};              ///< DOMAIN\USER of integrated authentication
    std::optional<db::Medium> medium = {}; ///< the boot medium whose token it is
};

/// All endpoints with a store of their own: takes messages as the service does, from the decoded message on.
class Bench {
public:
    Bench();

    void enroll(std::string_view smsid, std::string const& name = "WS-0417",
                std::string const& agent_version = {});
    /// From now on the site signs assignments of policy with that key, as it does in native mode.
    void sign_with(wire::PrivateKey const& key);
    /// The sender is the registered client that SourceID names, if any. `between` comes after what is done
    /// before the transaction.
    Result<endpoints::Reply> deliver(wire::Message const& message, Proven const& proven = {},
                                     std::function<void()> const& between = {});
    Result<endpoints::Reply> deliver(Draft const& draft, Proven const& proven = {}) {
        return deliver(message_of(draft), proven);
    }

    std::vector<db::StoredReport> reports(); ///< whole
    std::vector<db::StatusMessage> status_messages();
    endpoints::Directory const& directory() const { return directory_; }
    db::Store& store() { return *store_; }
    ManualClock& clock() { return clock_; }
    config::Settings& settings() { return settings_; }
    std::filesystem::path database() const { return folder_.path() / "pointman.db"; }

private:
    TemporaryDirectory folder_;
    config::Settings settings_;
    ManualClock clock_{bench_time};
    endpoints::Directory directory_;
    std::unique_ptr<db::Store> store_;
    std::shared_ptr<endpoints::policy::Signatures> signatures_; ///< null in mixed mode
};

/// Name of the code that something was refused with; "" where it was taken.
template <class T>
std::string refusal_of(Result<T> const& result) {
    return result ? std::string() : std::string(name_of(result.error().code));
}

/// Whether one of the notes of that kind contains the text.
bool noted(endpoints::Reply const& reply, endpoints::Note::Kind kind, std::string_view text);

} // namespace pointman::test
