// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"

#include <fmt/format.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

/// Logs in the form that CMTrace reads (logging.md 1):
///
///     <![LOG[message]LOG]!><time="HH:MM:SS.mmm+000" date="MM-DD-YYYY" component="C" context="X" type="T"
///     thread="N" file="F:L">
///
/// UTF-8, LF, UTC, one line a record whatever the message holds: line breaks and other control characters are
/// shown as
/// `\n`, `\r`, `\t`, `\xNN` or `\uNNNN`, bytes that are not UTF-8 as `\xNN`, and both record marks are broken
/// up by a space, so that text from a client cannot forge a record. A message of more than 64 KiB is cut, and
/// says so. Logging never throws and never stops the daemon: a record that cannot be written is counted
/// (Logs::lost_records).
namespace pointman::log {

enum class Level { debug, info, warning, error };
/// "debug", "info", "warning", "error"; anything else is a usage error that names these.
Result<Level> level_of(std::string_view name);

/// Whom a record is about. Goes into the CMTrace attribute `context`, e.g. `r4711 GUID:...`; there `"`, `<`
/// and `>` become
/// `'`, `(` and `)`, since no reader knows an escape for them (logging.md 1).
struct Context {
    std::string_view request;
    std::string_view client;
};

/// A format string that remembers where it was written.
template <class... Args>
struct BasicFormat {
    template <class S>
    requires std::convertible_to<S const&, std::string_view>
    consteval BasicFormat(S const& text, std::source_location where = std::source_location::current())
        : format(text)
        , location(where) {}
    fmt::format_string<Args...> format;
    std::source_location location;
};
template <class... Args>
using Format = BasicFormat<std::type_identity_t<Args>...>;

class Logs;

/// One log: a file in CMTrace form and the console or journal. Cheap to copy; thread safe.
class Log {
public:
    Log() = default; ///< writes nowhere
    template <class... Args>
    void debug(Context const& context, Format<Args...> text, Args&&... args) const {
        write(Level::debug, context, text, std::forward<Args>(args)...);
    }
    template <class... Args>
    void info(Context const& context, Format<Args...> text, Args&&... args) const {
        write(Level::info, context, text, std::forward<Args>(args)...);
    }
    template <class... Args>
    void warning(Context const& context, Format<Args...> text, Args&&... args) const {
        write(Level::warning, context, text, std::forward<Args>(args)...);
    }
    template <class... Args>
    void error(Context const& context, Format<Args...> text, Args&&... args) const {
        write(Level::error, context, text, std::forward<Args>(args)...);
    }
    bool enabled(Level level) const;

private:
    friend class Logs;
    struct Sink;
    explicit Log(std::shared_ptr<Sink> sink)
        : sink_(std::move(sink)) {}

    template <class... Args>
    void write(Level level, Context const& context, Format<Args...> const& text, Args&&... args) const {
        if (!enabled(level)) return;
        record(level, context, fmt::format(text.format, std::forward<Args>(args)...), text.location);
    }
    void record(Level level, Context const& context, std::string_view message,
                std::source_location const& location) const;
    std::shared_ptr<Sink> sink_;
};

/// While one lives, what its thread records of one log goes to the file in one piece, at its end: for the
/// several records of one message. Not to be held over a coroutine's suspension, nor longer than a log.
class Together {
public:
    Together();
    ~Together();
    Together(Together const&) = delete;
    Together& operator=(Together const&) = delete;

private:
    bool is_outermost_;
};

struct Options {
    std::filesystem::path directory; ///< "" = no files
    Level level = Level::info;
    std::size_t max_size = 250'000; ///< bytes of one file before it becomes X.lo_
    std::size_t max_history = 1;    ///< old files kept
    bool console = true;            ///< the same records on standard error, or structured in the journal
};

/// All logs of the daemon. At max_size X.log becomes X.lo_ in place of the last one; with a longer history,
/// older ones are X-YYYYMMDD-HHMMSS.log (logging.md 3). Records also go to standard error or, where standard
/// error is the journal's stream, to the journal with the fields POINTMAN_LOG, POINTMAN_REQUEST and
/// POINTMAN_CLIENT. Names are those that administrators look for (design, section 5).
class Logs {
public:
    /// Makes the directory. Fails with io where that cannot be or nothing can be written there. `clock` must
    /// outlive all logs.
    static Result<std::unique_ptr<Logs>> open(Options options, Clock const& clock);
    ~Logs();
    Logs(Logs const&) = delete;
    Logs& operator=(Logs const&) = delete;

    /// The log NAME.log, e.g. get("MP_Ddr"). The same name gives the same log. "MP_ClientRegistration" is
    /// also written to MP_RegistrationManager.log, its later name.
    Log get(std::string_view name);
    void set_level(Level level);
    /// To the disk, not only to the system (which each record is at once).
    void flush();
    /// Records that a file could not take, e.g. because the disk was full. The first is also told on standard
    /// error.
    std::uint64_t lost_records() const;

private:
    struct Impl;
    explicit Logs(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace pointman::log
