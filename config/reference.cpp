// SPDX-License-Identifier: Apache-2.0
#include "config/settings.hpp"
#include "config/table.hpp"

#include <fmt/format.h>

namespace pointman::config {

namespace {

/// Words in lines of at most 100 characters, each after the prefix.
std::string wrapped(std::string_view text, std::string_view prefix) {
    std::string out;
    std::string line;
    auto const finish_line = [&] {
        if (!line.empty()) out += fmt::format("{} {}\n", prefix, line);
        line.clear();
    };
    while (!text.empty()) {
        auto const word = text.substr(0, text.find(' '));
        if (!line.empty() && prefix.size() + line.size() + word.size() + 2 > 100) finish_line();
        line += (line.empty() ? "" : " ") + std::string(word);
        text.remove_prefix(std::min(word.size() + 1, text.size()));
    }
    finish_line();
    return out;
}

std::string code(std::string_view text) {
    return text.empty() ? std::string{} : fmt::format("`{}`", text);
}

/// A backslash begins an escape of roff, and a leading dot or quote a request.
std::string roff(std::string_view text) {
    std::string out;
    for (char const c : text) {
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else {
            out += c;
        }
    }
    return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

} // namespace

std::string sample_file() {
    std::string out =
        "# The settings of Pointman. A line that begins with # and a key shows the default; remove the # to\n"
        "# change it. Any key can also be given as --set table.key=value, or in the environment as\n"
        "# POINTMAN_TABLE_KEY. `pointman check-config FILE` says every fault of a file.\n";
    std::string_view table;
    for (auto const& setting : settings_table()) {
        if (setting.table() != table) {
            table = setting.table();
            out += fmt::format("\n[{}]\n", table);
        }
        out += wrapped(setting.about, "#") + wrapped("Values: " + allowed_values(setting) + ".", "#");
        if (setting.standard.empty()) {
            out += fmt::format("{} = \"PS1\"\n", setting.name());
        } else {
            out += fmt::format("#{} = {}\n", setting.name(), setting.standard);
        }
    }
    return out;
}

std::string reference_markdown() {
    std::string out = "<!-- Made by `pointman check-config --reference`. -->\n"
                      "# Settings\n\n"
                      "A service reads them from the file that `--config` names, a lab from "
                      "`DIR/pointman.toml` where it exists. The\n"
                      "environment (`POINTMAN_TABLE_KEY`) overrides the file, and `--set table.key=value` "
                      "both. Relative paths in a file\n"
                      "count from the file's directory. Sizes are bytes, or text with B, KB, MB, GB (powers "
                      "of 1000) or KiB, MiB, GiB\n"
                      "(powers of 1024).\n";
    std::string_view table;
    for (auto const& setting : settings_table()) {
        if (setting.table() != table) {
            table = setting.table();
            out += fmt::format(
                "\n## {}\n\n| key | must be | default | with `--lab` | meaning |\n|---|---|---|---|---|\n",
                table);
        }
        out += fmt::format("| `{}` | {} | {} | {} | {} |\n", setting.key, allowed_values(setting),
                           setting.standard.empty() ? "has to be given" : code(setting.standard),
                           code(setting.lab), setting.about);
    }
    return out;
}

std::string reference_man() {
    std::string out =
        ".\\\" Made from the table of settings.\n"
        ".TH POINTMAN.TOML 5 \"\" Pointman \"File formats\"\n"
        ".SH NAME\n"
        "pointman.toml \\- settings of the management point\n"
        ".SH DESCRIPTION\n"
        "A TOML file that\n"
        ".BR pointman (1)\n"
        "reads with\n"
        ".BR \"serve \\-\\-config\" ,\n"
        "and from the directory of a lab where it exists.\n"
        "The environment (POINTMAN_TABLE_KEY) overrides the file, and\n"
        ".B \\-\\-set table.key=value\n"
        "both.\n"
        "Relative paths count from the file's directory.\n"
        "Sizes are bytes, or text with B, KB, MB, GB (powers of 1000) or KiB, MiB, GiB (powers of 1024).\n"
        ".SH SETTINGS\n";
    std::string_view table;
    for (auto const& setting : settings_table()) {
        if (setting.table() != table) {
            table = setting.table();
            out += fmt::format(".SS [{}]\n", table);
        }
        out += fmt::format(".TP\n.B {}\n{}\nIt must be {}.\n", roff(setting.name()), roff(setting.about),
                           roff(allowed_values(setting)));
        out += setting.standard.empty() ? "No default.\n"
                                        : fmt::format("Default: {}.\n", roff(setting.standard));
        if (!setting.lab.empty()) out += fmt::format("In a lab: {}.\n", roff(setting.lab));
    }
    out += ".SH SEE ALSO\n.BR pointman (1)\n";
    return out;
}

} // namespace pointman::config
