// SPDX-License-Identifier: Apache-2.0
#include "server/logging.hpp"

#include "base/time.hpp"
#include "server/logging_text.hpp"

// The records' own places count, not the line of the call below.
#define SD_JOURNAL_SUPPRESS_LOCATION

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/base_sink.h>
#include <systemd/sd-journal.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <map>
#include <mutex>
#include <string>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace pointman::log {

namespace {

namespace fs = std::filesystem;

// ---- formats ----

/// What a record has beyond spdlog's own fields, for the sinks that the logger calls on this thread.
struct Current {
    std::string request;
    std::string client;
    std::string both;
};
thread_local Current
    current; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables): spdlog hands no more through

int cmtrace_type(spdlog::level::level_enum level) {
    if (level >= spdlog::level::err) return 3;
    return level == spdlog::level::warn ? 2 : 1;
}

enum class Field { context, bracketed_context, type, file };

class FieldFormatter final : public spdlog::custom_flag_formatter {
public:
    explicit FieldFormatter(Field field)
        : field_(field) {}

    void format(spdlog::details::log_msg const& record, std::tm const& /*time*/,
                spdlog::memory_buf_t& out) override {
        auto const to = std::back_inserter(out);
        switch (field_) {
        case Field::context:
            fmt::format_to(to, "{}", current.both);
            break;
        case Field::bracketed_context:
            if (!current.both.empty()) fmt::format_to(to, " [{}]", current.both);
            break;
        case Field::type:
            fmt::format_to(to, "{}", cmtrace_type(record.level));
            break;
        case Field::file:
            fmt::format_to(to, "{}", file(record.source));
            break;
        }
    }
    std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<FieldFormatter>(field_);
    }

private:
    static std::string file(spdlog::source_loc const& source) {
        std::string_view name = source.filename == nullptr ? "" : source.filename;
        name.remove_prefix(name.rfind('/') + 1); // npos + 1 = 0
        if (name.empty()) name = "unknown";
        return fmt::format("{}:{}", attribute_text(name.substr(0, max_attribute / 2), max_attribute / 2),
                           source.line);
    }
    Field field_;
};

std::unique_ptr<spdlog::formatter> formatter(std::string pattern) {
    auto made = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc, "\n");
    made->add_flag<FieldFormatter>('Q', Field::context);
    made->add_flag<FieldFormatter>('W', Field::bracketed_context);
    made->add_flag<FieldFormatter>('K', Field::type);
    made->add_flag<FieldFormatter>('J', Field::file);
    made->set_pattern(std::move(pattern));
    return made;
}

constexpr char const* cmtrace_pattern =
    R"(<![LOG[%v]LOG]!><time="%H:%M:%S.%e+000" date="%m-%d-%Y" component="%n" context="%Q" type="%K" thread="%t" file="%J">)";
constexpr char const* console_pattern = "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %n:%W %v";

// ---- files ----

[[noreturn]] void throw_errno(std::string const& what) {
    throw std::system_error(errno, std::generic_category(), what); // spdlog's logger catches it
}

class RotatingFile {
public:
    RotatingFile(Options const& options, std::string name)
        : directory_(options.directory)
        , name_(std::move(name))
        , max_size_(options.max_size)
        , max_history_(options.max_history) {}
    ~RotatingFile() { close(); }
    RotatingFile(RotatingFile const&) = delete;
    RotatingFile& operator=(RotatingFile const&) = delete;

    void append(std::string_view record, TimePoint time) {
        auto const second = std::chrono::floor<std::chrono::seconds>(time);
        if (file_ < 0 || second != looked_ || size_ + record.size() > max_size_) {
            size_ = open();
            looked_ = second;
        }
        if (size_ > 0 && size_ + record.size() > max_size_) {
            rotate(time);
            size_ = open();
        }
        write(record, size_);
        size_ += record.size();
    }

    void sync() const {
        if (file_ >= 0) ::fdatasync(file_);
    }

private:
    fs::path path() const { return directory_ / (name_ + ".log"); }

    void close() {
        if (file_ >= 0) ::close(file_);
        file_ = -1;
    }

    /// The size of the open file. One that somebody deleted is made anew, within a second: administrators
    /// clear logs that way.
    std::size_t open() {
        struct stat status {};
        if (file_ >= 0 && ::fstat(file_, &status) == 0 && status.st_nlink > 0) {
            return static_cast<std::size_t>(status.st_size);
        }
        close();
        file_ = ::open(path().c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
        if (file_ < 0 || ::fstat(file_, &status) != 0) throw_errno("cannot open " + path().string());
        return static_cast<std::size_t>(status.st_size);
    }

    /// One write() for a record, so that records of several threads and processes do not mix. Where the disk
    /// takes only a part, that part is taken back: half a record would spoil the next one.
    void write(std::string_view record, std::size_t size_before) const {
        ssize_t written = 0;
        do {
            written = ::write(file_, record.data(), record.size());
        } while (written < 0 && errno == EINTR);
        if (written == static_cast<ssize_t>(record.size())) return;
        if (written < 0) throw_errno("cannot write to " + path().string());
        bool const taken_back = ::ftruncate(file_, static_cast<off_t>(size_before)) == 0;
        errno = ENOSPC;
        throw_errno(fmt::format("cannot write to {}{}", path().string(),
                                taken_back ? "" : " (half a record is left)"));
    }

    void rotate(TimePoint time) {
        close();
        auto const last = directory_ / (name_ + ".lo_");
        std::error_code error;
        if (max_history_ > 1 && fs::exists(last, error)) fs::rename(last, free_copy(time), error);
        if (max_history_ == 0) {
            fs::remove(path(), error);
        } else {
            fs::rename(path(), last, error);
        }
        if (error) throw std::system_error(error, "cannot rotate " + path().string());
        remove_old_copies();
    }

    /// X-YYYYMMDD-HHMMSS.log. Two rotations in one second take the next second, so that names stay in order
    /// of age.
    fs::path free_copy(TimePoint time) {
        auto stamp = std::chrono::floor<std::chrono::seconds>(time);
        stamp = std::max(stamp, last_copy_ + std::chrono::seconds{1});
        auto const copy = [&] {
            auto const digits = cim_time(stamp); // yyyymmddHHMMSS...
            return directory_ / fmt::format("{}-{}-{}.log", name_, digits.substr(0, 8), digits.substr(8, 6));
        };
        std::error_code ignored;
        while (fs::exists(copy(), ignored)) stamp += std::chrono::seconds{1};
        last_copy_ = stamp;
        return copy();
    }

    bool is_copy(std::string_view file) const {
        constexpr std::string_view form = "-dddddddd-dddddd.log";
        if (file.size() != name_.size() + form.size() || !file.starts_with(name_)) return false;
        return std::ranges::equal(file.substr(name_.size()), form, [](char c, char expected) {
            return expected == 'd' ? c >= '0' && c <= '9' : c == expected;
        });
    }

    void remove_old_copies() const {
        std::vector<fs::path> copies;
        std::error_code error;
        for (fs::directory_iterator entry(directory_, error), end; !error && entry != end;
             entry.increment(error)) {
            if (is_copy(entry->path().filename().string())) copies.push_back(entry->path());
        }
        std::ranges::sort(copies);
        std::size_t const kept = max_history_ == 0 ? 0 : max_history_ - 1; // one of the history is X.lo_
        for (std::size_t i = 0; i + kept < copies.size(); ++i) fs::remove(copies[i], error);
    }

    fs::path directory_;
    std::string name_;
    std::size_t max_size_;
    std::size_t max_history_;
    int file_ = -1;
    std::size_t size_ = 0;            ///< as far as this process knows
    std::chrono::sys_seconds looked_; ///< when the file itself was asked, and whether it is still there
    std::chrono::sys_seconds last_copy_;
};

/// Counts what was lost and tells it once: a full disk must not also flood the console.
struct Failures {
    std::atomic<std::uint64_t> count{0};

    void add(std::string const& what, std::uint64_t records = 1) {
        if (count.fetch_add(records) != 0) return;
        auto const line =
            fmt::format("pointman: a log record was lost (later ones are only counted): {}\n", what);
        // There is nowhere left to tell of a failure here.
        static_cast<void>(std::fputs(line.c_str(), stderr));
        static_cast<void>(std::fflush(stderr));
    }
};

/// One log's file, and its second name where it has one: both get the same records in the same order. Records
/// are put into words before the lock is taken, so that threads wait for each other only while one writes.
class FileSink final : public spdlog::sinks::sink {
public:
    FileSink(Options const& options, std::vector<std::string> const& names,
             std::shared_ptr<Failures> failures)
        : failures_(std::move(failures)) {
        for (auto const& name : names) files_.push_back(std::make_unique<RotatingFile>(options, name));
    }

    void log(spdlog::details::log_msg const& record) override;
    /// Whole records.
    void append(std::string_view records, TimePoint time, std::uint64_t count) {
        std::string failure;
        {
            std::scoped_lock const lock(mutex_);
            for (auto const& file : files_) {
                try {
                    file->append(records, time);
                } catch (std::exception const& exception) {
                    failure = exception.what(); // the other file must get them still
                }
            }
        }
        if (!failure.empty()) failures_->add(failure, count);
    }
    void flush() override {
        std::scoped_lock const lock(mutex_);
        for (auto const& file : files_) file->sync();
    }
    // All logs are written in one form.
    void set_pattern(std::string const&) override {}
    void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

private:
    std::shared_ptr<Failures> failures_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<RotatingFile>> files_;
};

/// What a thread collects while it has a Together.
struct Collected {
    struct Records {
        FileSink* sink;
        std::string text;
        std::uint64_t count;
        TimePoint time;
    };
    static constexpr std::size_t usual_size = 2048; ///< of what one message has to say
    bool is_collecting = false;
    std::vector<Records> waiting;

    void add(FileSink& sink, std::string_view line, TimePoint time) {
        auto found = std::ranges::find(waiting, &sink, &Records::sink);
        if (found == waiting.end()) {
            found = waiting.insert(found, {&sink, {}, 0, time});
            found->text.reserve(usual_size);
        }
        found->text += line;
        ++found->count;
    }
};
thread_local Collected
    collected; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables): spdlog hands no more through

void FileSink::log(spdlog::details::log_msg const& record) {
    thread_local auto const words = log::formatter(cmtrace_pattern);
    spdlog::memory_buf_t line;
    words->format(record, line);
    std::string_view const text(line.data(), line.size());
    auto const time = std::chrono::floor<std::chrono::milliseconds>(record.time);
    if (collected.is_collecting) {
        collected.add(*this, text, time);
    } else {
        append(text, time, 1);
    }
}

// ---- console and journal ----

/// systemd names the journal's stream in JOURNAL_STREAM as DEVICE:INODE; a child whose standard error was
/// turned elsewhere inherits the variable all the same, hence the comparison (systemd.exec(5)).
bool standard_error_is_journal() {
    char const* const stream = std::getenv("JOURNAL_STREAM");
    struct stat status {};
    if (stream == nullptr || ::fstat(STDERR_FILENO, &status) != 0) return false;
    return fmt::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

int journal_priority(spdlog::level::level_enum level) {
    switch (level) {
    case spdlog::level::debug:
        return LOG_DEBUG;
    case spdlog::level::warn:
        return LOG_WARNING;
    case spdlog::level::err:
        return LOG_ERR;
    default:
        return LOG_INFO;
    }
}

class JournalSink final : public spdlog::sinks::base_sink<std::mutex> {
    void sink_it_(spdlog::details::log_msg const& record) override {
        std::vector<std::string> fields{
            fmt::format("MESSAGE={}", std::string_view(record.payload.data(), record.payload.size())),
            fmt::format("PRIORITY={}", journal_priority(record.level)),
            fmt::format("SYSLOG_IDENTIFIER=pointman"),
            fmt::format("POINTMAN_LOG={}",
                        std::string_view(record.logger_name.data(), record.logger_name.size())),
            fmt::format("CODE_FILE={}", record.source.filename == nullptr ? "" : record.source.filename),
            fmt::format("CODE_LINE={}", record.source.line),
            fmt::format("TID={}", record.thread_id)};
        if (!current.request.empty()) fields.push_back("POINTMAN_REQUEST=" + current.request);
        if (!current.client.empty()) fields.push_back("POINTMAN_CLIENT=" + current.client);
        std::vector<iovec> parts;
        parts.reserve(fields.size());
        for (auto& field : fields) parts.push_back({field.data(), field.size()});
        int const result = ::sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
        if (result < 0)
            throw std::system_error(-result, std::generic_category(), "cannot write to the journal");
    }
    void flush_() override {}
};

spdlog::sink_ptr console_sink() {
    if (standard_error_is_journal()) return std::make_shared<JournalSink>();
    auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>();
    sink->set_formatter(formatter(console_pattern));
    return sink;
}

// ---- levels and failures ----

constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warning", "error"};

spdlog::level::level_enum spdlog_level(Level level) {
    constexpr std::array levels{spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                spdlog::level::err};
    return levels.at(static_cast<std::size_t>(level));
}

Result<void> make_directory(fs::path const& directory) {
    std::error_code error;
    bool const made = fs::create_directories(directory, error);
    if (error)
        return fail(Code::io, "cannot make the log directory", directory.string() + ": " + error.message());
    constexpr auto owner_and_readers = fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec;
    if (made) fs::permissions(directory, owner_and_readers, error);
    if (!fs::is_directory(directory, error) || ::access(directory.c_str(), W_OK | X_OK) != 0) {
        return fail(Code::io, "cannot write to the log directory", directory.string());
    }
    return {};
}

} // namespace

// ---- the contract ----

Result<Level> level_of(std::string_view name) {
    auto const* const found = std::ranges::find(level_names, name);
    if (found != level_names.end()) return static_cast<Level>(found - level_names.begin());
    return fail(Code::usage, fmt::format("unknown log level '{}': it is one of {}",
                                         visible(name, max_attribute), fmt::join(level_names, ", ")));
}

Together::Together()
    : is_outermost_(!std::exchange(collected.is_collecting, true)) {}

Together::~Together() {
    if (!is_outermost_) return;
    collected.is_collecting = false;
    for (auto const& records : collected.waiting)
        records.sink->append(records.text, records.time, records.count);
    collected.waiting.clear();
}

struct Log::Sink {
    spdlog::logger logger;
    Clock const& clock;
};

bool Log::enabled(Level level) const {
    return sink_ && sink_->logger.should_log(spdlog_level(level));
}

void Log::record(Level level, Context const& context, std::string_view message,
                 std::source_location const& location) const {
    current.request = attribute_text(context.request, max_context);
    current.client = attribute_text(context.client, max_context);
    bool const two = !current.request.empty() && !current.client.empty();
    current.both = current.request + (two ? " " : "") + current.client;
    spdlog::source_loc const where{location.file_name(), static_cast<int>(location.line()),
                                   location.function_name()};
    sink_->logger.log(sink_->clock.now(), where, spdlog_level(level), message_text(message));
}

struct Logs::Impl {
    Impl(Options chosen, Clock const& time)
        : options(std::move(chosen))
        , clock(time) {
        if (options.console) console = console_sink();
    }

    std::shared_ptr<Log::Sink> make(std::string const& name, std::vector<std::string> const& files) const {
        std::vector<spdlog::sink_ptr> sinks;
        if (!options.directory.empty()) sinks.push_back(std::make_shared<FileSink>(options, files, failures));
        if (console) sinks.push_back(console);
        auto made = std::make_shared<Log::Sink>(
            Log::Sink{.logger = spdlog::logger(name, sinks.begin(), sinks.end()), .clock = clock});
        made->logger.set_level(spdlog_level(options.level));
        made->logger.set_error_handler([failed = failures](std::string const& what) { failed->add(what); });
        return made;
    }

    Options options;
    Clock const& clock;
    spdlog::sink_ptr console;
    std::shared_ptr<Failures> failures = std::make_shared<Failures>(); // a Log may outlive its Logs
    std::mutex mutex;
    std::map<std::string, std::shared_ptr<Log::Sink>, std::less<>> logs;
};

Logs::Logs(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
Logs::~Logs() {
    flush();
}

Result<std::unique_ptr<Logs>> Logs::open(Options options, Clock const& clock) {
    if (!options.directory.empty()) {
        if (auto made = make_directory(options.directory); !made)
            return std::unexpected(std::move(made.error()));
    }
    return std::unique_ptr<Logs>(new Logs(std::make_unique<Impl>(std::move(options), clock)));
}

Log Logs::get(std::string_view name) {
    auto safe = safe_name(name);
    std::vector<std::string> files{safe};
    if (safe == "MP_ClientRegistration" || safe == "MP_RegistrationManager") {
        safe = "MP_ClientRegistration";
        files = {safe, "MP_RegistrationManager"}; // logging.md 4 and 8: two names of one log
    }
    std::scoped_lock const lock(impl_->mutex);
    auto& log = impl_->logs[safe];
    if (!log) log = impl_->make(safe, files);
    return Log{log};
}

void Logs::set_level(Level level) {
    std::scoped_lock const lock(impl_->mutex);
    impl_->options.level = level;
    for (auto const& [name, log] : impl_->logs) log->logger.set_level(spdlog_level(level));
}

void Logs::flush() {
    std::scoped_lock const lock(impl_->mutex);
    for (auto const& [name, log] : impl_->logs) log->logger.flush();
}

std::uint64_t Logs::lost_records() const {
    return impl_->failures->count;
}

} // namespace pointman::log
