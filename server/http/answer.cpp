// SPDX-License-Identifier: Apache-2.0
#include "server/http/answer.hpp"

#include "base/text.hpp"

#include <boost/beast/http/status.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

namespace pointman::http {
namespace {

bool is_name(std::string_view name) {
    auto const fits = [](char c) {
        return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7F && c != ':';
    };
    return !name.empty() && std::ranges::all_of(name, fits);
}

bool is_value(std::string_view value) {
    return std::ranges::none_of(value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

/// Framing is said by the connection alone.
bool is_framing(std::string_view name) {
    constexpr std::array<std::string_view, 3> names{"content-length", "connection", "transfer-encoding"};
    return std::ranges::any_of(names, [name](auto other) { return equal_ignoring_case(name, other); });
}

bool has_header(Headers const& headers, std::string_view name) {
    return std::ranges::any_of(
        headers, [name](auto const& header) { return equal_ignoring_case(header.first, name); });
}

/// Date of this second; each thread keeps the latest, since there are thousands of answers in one.
std::string_view date_of(TimePoint now) {
    thread_local TimePoint second;
    thread_local std::string text;
    auto const current = std::chrono::floor<std::chrono::seconds>(now);
    if (text.empty() || current != second) {
        text = http_date(now);
        second = current;
    }
    return text;
}

} // namespace

std::string http_date(TimePoint time) {
    namespace chrono = std::chrono;
    constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto const day = chrono::floor<chrono::days>(time);
    chrono::year_month_day const date{day};
    chrono::hh_mm_ss const clock{chrono::floor<chrono::seconds>(time - day)};
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days.at(chrono::weekday{day}.c_encoding()),
                       static_cast<unsigned>(date.day()), months.at(static_cast<unsigned>(date.month()) - 1),
                       static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                       clock.seconds().count());
}

bool has_body(unsigned status) {
    return status >= 200 && status != 204 && status != 304;
}

void write_answer_head(std::string& out, Response const& response, AnswerForm form, TimePoint now) {
    out.clear();
    auto to = std::back_inserter(out);
    auto const reason =
        boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(response.status));
    fmt::format_to(to, "HTTP/1.1 {} {}\r\n", response.status, std::string_view(reason.data(), reason.size()));
    if (!has_header(response.headers, "Date")) fmt::format_to(to, "Date: {}\r\n", date_of(now));
    if (!has_header(response.headers, "Server")) out += "Server: Pointman\r\n";
    for (auto const& [name, value] : response.headers) {
        if (is_name(name) && is_value(value) && !is_framing(name))
            fmt::format_to(to, "{}: {}\r\n", name, value);
    }
    if (has_body(response.status)) fmt::format_to(to, "Content-Length: {}\r\n", response.body.size());
    if (form.close) {
        out += "Connection: close\r\n";
    } else if (form.http_1_0) {
        out += "Connection: keep-alive\r\n";
    }
    out += "\r\n";
}

} // namespace pointman::http
