// SPDX-License-Identifier: Apache-2.0
#include "server/app.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/output.hpp"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pointman::cli {

namespace {

struct ServeOptions {
    std::filesystem::path lab;
    std::filesystem::path config;
    std::vector<std::string> http;
    std::vector<std::string> https;
    std::filesystem::path ready_file;
    std::vector<std::string> sets;

    config::Source source() const {
        config::Source result{config, {}, config::environment(), lab};
        auto list = [&result](char const* key, std::vector<std::string> const& addresses) {
            if (addresses.empty()) return;
            std::string text;
            for (auto const& address : addresses) text += (text.empty() ? "\"" : ", \"") + address + "\"";
            result.sets.push_back(fmt::format("{}=[{}]", key, text));
        };
        list("http.listen", http);
        list("https.listen", https);
        result.sets.insert(result.sets.end(), sets.begin(), sets.end());
        return result;
    }
};

/// The signals that the daemon acts on, blocked in every thread and waited for in one place.
class Signals {
public:
    Signals() {
        sigemptyset(&set_);
        for (int const signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set_, signal);
        pthread_sigmask(SIG_BLOCK, &set_, nullptr);
        static_cast<void>(std::signal(SIGPIPE, SIG_IGN)); // fails for no signal that exists
    }
    int wait() const {
        int signal = 0;
        sigwait(&set_, &signal);
        return signal;
    }

private:
    sigset_t set_{};
};

/// Whole or not at all: a reader must never see half a line.
Result<void> write_ready_file(std::filesystem::path const& file, std::string const& line) {
    auto const temporary = file.string() + ".tmp";
    auto failed_because = [&file](int error) {
        return fail(Code::io,
                    fmt::format("cannot write the ready file {}: {}", file.string(), std::strerror(error)));
    };
    int const descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor < 0) return failed_because(errno);
    auto const written = ::write(descriptor, line.data(), line.size());
    int const error = errno;
    ::close(descriptor);
    if (written != static_cast<ssize_t>(line.size())) return failed_because(error);
    if (std::rename(temporary.c_str(), file.c_str()) != 0) return failed_because(errno);
    return {};
}

Result<void> prepare_lab(std::filesystem::path const& directory) {
    std::error_code error;
    if (std::filesystem::create_directories(directory, error)) {
        std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
    }
    if (error)
        return fail(Code::io, fmt::format("cannot make the lab {}: {}", directory.string(), error.message()));
    return {};
}

void reload(App& app, ServeOptions const& options) {
    sd_notify(0, "RELOADING=1");
    if (auto settings = config::load(options.source())) {
        // What could not be taken is in mpcontrol.log; the daemon goes on with what it had.
        [[maybe_unused]] auto const taken = app.reload(*settings);
    } else {
        report_faults(settings.error());
    }
    sd_notify(0, "READY=1");
}

int serve(ServeOptions options, Clock const& clock) {
    Signals const signals;
    if (options.lab.empty() == options.config.empty()) {
        return report({Code::usage, "serve takes either --lab DIR or --config FILE", {}});
    }
    if (!options.lab.empty()) {
        if (auto prepared = prepare_lab(options.lab); !prepared) return report(prepared.error());
        options.lab = std::filesystem::absolute(options.lab);
    }
    auto settings = config::load(options.source());
    if (!settings) return report_faults(settings.error());

    AppOptions app_options;
    app_options.lab = !options.lab.empty();
    auto app = App::start(*settings, clock, app_options);
    if (!app) return report(app.error());
    if (!options.ready_file.empty()) {
        auto written = write_ready_file(options.ready_file, ready_line(*settings, (*app)->addresses()));
        if (!written) return report(written.error());
    }
    sd_notify(0, "READY=1");
    for (;;) {
        if (signals.wait() != SIGHUP) break;
        reload(**app, options);
    }
    sd_notify(0, "STOPPING=1");
    (*app)->stop();
    return done;
}

} // namespace

void add_serve_command(CLI::App& program, Action& action, Clock const& clock) {
    auto options = std::make_shared<ServeOptions>();
    auto* command = program.add_subcommand("serve", "run the management point in the foreground");
    command->add_option("--lab", options->lab, "a lab: everything it needs is made inside DIR")
        ->type_name("DIR");
    command->add_option("--config", options->config, "the service's configuration")->type_name("FILE");
    command->add_option("--http", options->http, "listen here for HTTP (repeatable)")->type_name("ADDR:PORT");
    command->add_option("--https", options->https, "listen here for HTTPS (repeatable)")
        ->type_name("ADDR:PORT");
    command->add_option("--ready-file", options->ready_file, "gets a line of JSON once ready")
        ->type_name("FILE");
    command->add_option("--set", options->sets, "overrides a setting (repeatable)")->type_name("KEY=VALUE");
    command->callback(
        [&action, options, &clock] { action = [options, &clock] { return serve(*options, clock); }; });
}

void add_check_config_command(CLI::App& program, Action& action) {
    struct Options {
        std::filesystem::path file;
        bool sample = false;
        bool reference = false;
    };
    auto options = std::make_shared<Options>();
    auto* command = program.add_subcommand("check-config", "say every fault of a configuration file");
    command->add_option("file", options->file, "the file to check")->type_name("FILE");
    command->add_flag("--sample", options->sample, "print a sample file with every setting");
    command->add_flag("--reference", options->reference, "print the reference of all settings");
    command->callback([&action, options] {
        action = [options]() -> int {
            if (options->sample) fmt::print("{}", config::sample_file());
            if (options->reference) fmt::print("{}", config::reference_markdown());
            if (options->sample || options->reference) return done;
            if (options->file.empty())
                return report({Code::usage, "which file? pointman check-config FILE", {}});
            auto settings = config::load({options->file, {}, {}, {}});
            if (!settings) return report_faults(settings.error());
            fmt::print("{}: good\n", options->file.string());
            return done;
        };
    });
}

} // namespace pointman::cli
