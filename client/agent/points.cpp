// SPDX-License-Identifier: Apache-2.0
#include "client/agent/points.hpp"

#include "base/text.hpp"
#include "client/transport/url.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pointman::client::agent {

namespace {

/// The URL with another host; "" for what is none.
std::string with_host(Url const& url, std::string_view host) {
    bool const is_v6 = host.find(':') != std::string_view::npos;
    auto text = fmt::format("{}://{}{}{}{}{}", url.tls ? "https" : "http", is_v6 ? "[" : "", host,
                            is_v6 ? "]" : "", url.port == 0 ? "" : fmt::format(":{}", url.port), url.target);
    auto const read = parse_url(text);
    bool const is_that = read && equal_ignoring_case(read->host, host) && read->port == url.port;
    return is_that ? text : std::string();
}

} // namespace

void Points::set_others(std::vector<std::string> const& others) {
    auto const here = current();
    urls_.resize(1);
    for (auto const& url : others)
        if (std::ranges::find(urls_, url) == urls_.end()) urls_.push_back(url);
    auto const found = std::ranges::find(urls_, here);
    if (found == urls_.end()) return go_back();
    at_ = static_cast<std::size_t>(found - urls_.begin());
}

bool Points::failed() {
    if (++failures_ < (is_away() ? 1 : tries)) return false;
    failures_ = 0;
    at_ = (at_ + 1) % urls_.size();
    return urls_.size() > 1;
}

void Points::go_back() {
    at_ = 0;
    failures_ = 0;
}

bool is_of_the_point(Error const& error) {
    constexpr int server_errors = 500;
    switch (error.code) {
    case Code::server_unavailable:
    case Code::name_not_resolved:
    case Code::cannot_connect:
    case Code::connection_lost:
    case Code::timeout:
    case Code::secure_failure:
    case Code::busy:
        return true;
    default:
        return error.http_status >= server_errors;
    }
}

std::vector<std::string> others_in(std::span<ManagementPoint const> list, std::string_view assigned,
                                   std::string_view site_code) {
    constexpr std::size_t most = 100;
    std::vector<std::string> others;
    auto const url = parse_url(assigned);
    if (!url) return others;
    for (auto const& point : list.first(std::min(list.size(), most))) {
        bool const is_elsewhere = !site_code.empty() && !point.site_code.empty() &&
                                  !equal_ignoring_case(point.site_code, site_code);
        if (is_elsewhere || equal_ignoring_case(point.name, url->host)) continue;
        if (auto other = with_host(*url, point.name); !other.empty()) others.push_back(std::move(other));
    }
    return others;
}

} // namespace pointman::client::agent
