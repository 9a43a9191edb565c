// SPDX-License-Identifier: Apache-2.0
// An agent's life against a model of its site: whatever happens to the two, and in whatever order, the agent
// registers only with cause, reports once a period, answers each request of a full report once, and never
// sends a change of what the site does not have.
#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/time.hpp"
#include "client/agent/life.hpp"
#include "server/wire/message.hpp"
#include "server/wire/utf16.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/scripted_server.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <stdexcept>
#include <unistd.h>

namespace pointman::client::agent {

namespace {

using namespace std::chrono_literals;
using test::http_answer;
using test::ScriptedAnswer;
using test::ScriptedRequest;

std::string between(std::string_view text, std::string_view begin, std::string_view end) {
    auto const from = text.find(begin);
    if (from == std::string_view::npos) return {};
    auto const rest = text.substr(from + begin.size());
    return std::string(rest.substr(0, rest.find(end)));
}

/// What a management point knows of one client, and what it has noticed of wrong.
class Site {
public:
    explicit Site(ManualClock const& clock)
        : clock_(clock) {}

    // ---- What happens at the site ----

    void set_away(bool away) {
        with_lock([&] { away_ = away; });
    }
    void lose_next_request() {
        with_lock([&] { loses_ = true; });
    }
    void set_period(std::chrono::hours period) {
        with_lock([&] {
            period_ = period;
            ++settings_version_;
        });
    }
    void ask_for_resync() {
        with_lock([&] { requests_.push_back({.number = ++last_request_}); });
    }
    void withdraw_resyncs() {
        with_lock([&] {
            for (auto& request : requests_) request.withdrawn = true;
        });
    }
    void delete_client() {
        with_lock([&] {
            if (smsid_.empty()) return;
            smsid_.clear();
            last_version_.reset();
            last_report_.reset();
            ++registrations_allowed_;
            std::erase_if(requests_, [](Request const& request) { return request.withdrawn; });
            for (auto& request : requests_) request = {.number = request.number};
        });
    }

    // ---- What there is to say of it ----

    std::vector<std::string> faults() {
        std::lock_guard const lock(guard_);
        return faults_;
    }
    bool has_unmet_request() {
        std::lock_guard const lock(guard_);
        return std::ranges::any_of(requests_,
                                   [](Request const& each) { return !each.met && !each.withdrawn; });
    }
    std::optional<Time> last_report() {
        std::lock_guard const lock(guard_);
        return last_report_;
    }
    std::chrono::hours period() const { return period_; }
    static constexpr std::chrono::hours shortest_period{6};

    ScriptedAnswer answer(ScriptedRequest const& request) {
        std::lock_guard const lock(guard_);
        if (away_ || std::exchange(loses_, false)) return {"", ScriptedAnswer::Then::close};
        if (request.method == "GET") return page(request.target);
        auto const decoded = wire::decode(request.header("content-type"), as_bytes(request.body)).value();
        auto const& envelope = std::get<wire::Envelope>(decoded);
        auto const message = wire::open(envelope.header, envelope.payload).value();
        auto const body = wire::to_utf8(wire::strip_trailer(message.body())).value();
        auto const endpoint = envelope.header.endpoint();
        if (endpoint == "MP_ClientRegistration") return reply(envelope.header, registration(body));
        bool const is_known = !smsid_.empty() && envelope.header.source_id == smsid_;
        if (endpoint == "MP_PolicyManager") // whom it does not know it answers with nothing
            return is_known ? reply(envelope.header, assignments()) : ScriptedAnswer{http_answer(200)};
        if (!acknowledged_.insert(envelope.header.id).second)
            faults_.push_back("acknowledged, and sent again: " + envelope.header.id);
        if (endpoint == "MP_HinvEndpoint" && is_known) hardware(body);
        return {http_answer(200)};
    }

private:
    struct Request {
        unsigned number = 0;
        std::optional<Time> served{}; ///< since when the client knows of it
        bool met = false;
        bool withdrawn = false; ///< the client may have answered it already
    };

    void with_lock(std::function<void()> const& what) {
        std::lock_guard const lock(guard_);
        what();
    }

    ScriptedAnswer page(std::string const& target) const {
        if (target.find("MPLIST1") != std::string::npos)
            return {http_answer(200, {}, R"(<MPList><MP Name="127.0.0.1" SiteCode="LAB"/></MPList>)")};
        auto const text = policy(between(target, ".sms_pol?", "."), between(target, ".sms_pol?", "\n"));
        auto const units = wire::to_utf16le(text);
        return {http_answer(200, {}, "\xFF\xFE" + std::string(as_chars(units)))};
    }

    /// Hardware only, by an interval that counts from the last report.
    std::string policy(std::string const& id, std::string const& id_and_version) const {
        auto const version = between(id_and_version + "|", ".", "_") + ".00";
        auto const property = [](std::string_view name, std::string_view value) {
            return fmt::format(R"(<property name="{}"><value>{}</value></property>)", name, value);
        };
        auto const schedule = [&](std::string_view task, std::int64_t minutes) {
            return fmt::format(
                R"(<instance class="CCM_Scheduler_ScheduledMessage">{}{}</instance>)",
                property("ScheduledMessageID", fmt::format("{{00000000-0000-0000-0000-0000000000{}}}", task)),
                property("Triggers", fmt::format("SimpleInterval;Minutes={}", minutes)));
        };
        auto const instances =
            id == "settings"
                ? schedule("01", std::chrono::minutes(period_).count()) + schedule("21", 60)
                : fmt::format(R"(<instance class="InventoryAction">{}{}</instance>)",
                              property("InventoryActionID", "{00000000-0000-0000-0000-000000000001}"),
                              property("ReportType", "Resync"));
        return fmt::format(
            R"(<Policy PolicyID="{}" PolicyVersion="{}"><PolicyRule><PolicyAction>{}</PolicyAction>)"
            R"(</PolicyRule></Policy>)",
            id, version, instances);
    }

    ScriptedAnswer reply(wire::Header const& to, std::string const& xml) {
        auto const bytes = wire::encode_reply(to, xml,
                                              {.message_id = fmt::format("{{{}}}", ++replies_),
                                               .sent_time = "2026-11-23T10:00:00Z",
                                               .source_host = "mp"});
        return {http_answer(200, {{"Content-Type", std::string(wire::content_type)}}, as_chars(bytes))};
    }

    std::string registration(std::string_view request) {
        bool const confirms = request.find(R"(RequestType="Confirmation")") != std::string_view::npos;
        bool const is_known = !smsid_.empty();
        if (!confirms) {
            if (++registrations_ > registrations_allowed_) faults_.push_back("registered without cause");
            smsid_ = fmt::format("GUID:5B0C7A52-3F61-4E0A-9D11-{:012}", registrations_);
        }
        bool const resets = confirms && !is_known;
        return fmt::format(
            R"(<ClientRegistrationResponse ResponseType="{}" TimeStamp="2026-11-23T10:00:00Z" )"
            R"(Status="{}"{}/>)",
            confirms ? "Confirmation" : "Registration", resets ? 2 : 0,
            resets ? "" : fmt::format(R"( SMSID="{}")", smsid_));
    }

    static std::string assignment(std::string const& id, unsigned version) {
        return fmt::format(
            R"(<PolicyAssignment PolicyAssignmentID="{0}"><Policy PolicyID="{0}" PolicyVersion="{1}.00">)"
            R"(<PolicyLocation>http://mp/SMS_MP/.sms_pol?{0}.{1}_00</PolicyLocation></Policy></PolicyAssignment>)",
            id, version);
    }

    std::string assignments() {
        std::string list = assignment("settings", settings_version_);
        for (auto& request : requests_) {
            if (request.withdrawn) continue;
            if (!request.served) request.served = clock_.now();
            list += assignment(fmt::format("resync{}", request.number), 1);
        }
        return R"(<ReplyAssignments ReplyType="Full"><ServerCookie>1</ServerCookie>)" + list +
               "</ReplyAssignments>";
    }

    void hardware(std::string_view body) {
        auto const type = between(body, "<ReportType>", "<");
        auto const date = parse_cim_time(between(body, "<Date>", "<")).value();
        auto const version = between(body, "<Version>", "<");
        auto const major = number_before_dot(version);
        auto const minor = number_before_dot(version.substr(version.find('.') + 1));
        follow(type, major, minor, version);
        if (type == "Resync")
            meet(date);
        else if (last_report_ && date < *last_report_ + shortest_period)
            faults_.push_back("twice in a period: " + version);
        last_report_ = date;
    }

    static unsigned number_before_dot(std::string const& text) {
        return static_cast<unsigned>(std::stoul(text.substr(0, text.find('.'))));
    }

    void follow(std::string const& type, unsigned major, unsigned minor, std::string const& version) {
        std::pair<unsigned, unsigned> expected{1, 0};
        if (type == "Delta" && !last_version_) faults_.push_back("a delta of nothing: " + version);
        if (last_version_) {
            expected = *last_version_;
            if (type == "Delta")
                ++expected.second;
            else
                expected = {expected.first + 1, 0};
        }
        if (type == "Full" && last_version_) faults_.push_back("full, and nobody has asked: " + version);
        if (std::pair(major, minor) != expected)
            faults_.push_back(
                fmt::format("{} {} in place of {}.{}", type, version, expected.first, expected.second));
        last_version_ = {major, minor};
    }

    /// All requests that the client knew of then.
    void meet(Time date) {
        bool any = false;
        for (auto& request : requests_) {
            if (request.met || !request.served || *request.served > date) continue;
            request.met = true;
            any = true;
        }
        if (!any) faults_.push_back("a full report that nobody has asked for");
    }

    ManualClock const& clock_;
    std::mutex guard_; ///< between the test and the server's threads
    bool away_ = false;
    bool loses_ = false;
    std::chrono::hours period_ = shortest_period;
    unsigned settings_version_ = 1;
    std::vector<Request> requests_;
    unsigned last_request_ = 0;
    std::string smsid_; ///< "" = no client is known
    unsigned registrations_ = 0;
    unsigned registrations_allowed_ = 1;
    std::optional<std::pair<unsigned, unsigned>> last_version_;
    std::optional<Time> last_report_;
    std::set<std::string> acknowledged_;
    std::vector<std::string> faults_;
    unsigned replies_ = 0;
};

/// A key takes long to make: all agents have the same, as nobody looks at it.
std::filesystem::path const& identity_directory() {
    static test::TemporaryDirectory const directory;
    static auto const path = [] {
        auto const made = directory.path() / "identity";
        Identity::open(
            made, {.common_name = "PC", .now = Time{std::chrono::sys_days(std::chrono::year(2026) / 11 / 1)}})
            .value();
        return made;
    }();
    return path;
}

/// In memory, where there is that: each message is synced to the disk, which is not in question here.
class FastDirectory {
public:
    FastDirectory() {
        std::filesystem::path const memory = "/dev/shm";
        bool const is_there = ::access(memory.c_str(), W_OK) == 0;
        auto pattern =
            ((is_there ? memory : std::filesystem::temp_directory_path()) / "pointman-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
        path_ = pattern;
    }
    ~FastDirectory() { std::filesystem::remove_all(path_); }
    FastDirectory(FastDirectory const&) = delete;
    FastDirectory& operator=(FastDirectory const&) = delete;
    std::filesystem::path const& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// The agent with its site, and the clock that both have.
class World {
public:
    World() {
        std::filesystem::create_directory(directory_.path() / "home");
        std::filesystem::copy(identity_directory(), directory_.path() / "home" / "identity",
                              std::filesystem::copy_options::recursive);
        restart();
    }

    void restart() {
        life_.reset();
        client_.reset();
        client_ = LocalClient::open({.directory = directory_.path() / "home",
                                     .settings = {.server = server_.url(), .site = "LAB"},
                                     .now = [this] { return clock_.now(); },
                                     .root = test::test_data("machine")})
                      .value();
        life_.emplace(Life::begin(*client_).value());
        step();
    }

    /// As the program does, for so long.
    void live(std::chrono::minutes time) {
        auto const until = clock_.now() + time;
        while (clock_.now() < until) {
            clock_.set(std::clamp(next_, clock_.now() + 1s, until));
            step();
        }
    }

    /// The machine slept, or the clock was wrong: nothing is done meanwhile.
    void suspend(std::chrono::minutes time) {
        clock_.advance(time);
        step();
    }

    void check() {
        auto const faults = site_.faults();
        if (!faults.empty()) RC_FAIL(faults.front());
    }

    Site& site() { return site_; }
    Time now() const { return clock_.now(); }

private:
    void step() { next_ = life_->step(); }

    FastDirectory directory_;
    ManualClock clock_{parse_iso_time("2026-11-23T10:00:00Z").value()};
    Site site_{clock_};
    test::ScriptedServer server_{[this](ScriptedRequest const& request) { return site_.answer(request); }};
    std::unique_ptr<LocalClient> client_;
    std::optional<Life> life_;
    Time next_{};
};

enum class Event : std::uint8_t {
    live,
    suspend,
    restart,
    away,
    back,
    lose,
    settings,
    resync,
    withdraw,
    forget
};

void happen(World& world, Event event, int number) {
    switch (event) {
    case Event::live:
        return world.live(std::chrono::minutes(number * 7));
    case Event::suspend:
        return world.suspend(std::chrono::minutes(number * 13));
    case Event::restart:
        return world.restart();
    case Event::away:
        return world.site().set_away(true);
    case Event::back:
        return world.site().set_away(false);
    case Event::lose:
        return world.site().lose_next_request();
    case Event::settings:
        return world.site().set_period(number % 2 == 0 ? 6h : 12h);
    case Event::resync:
        return world.site().ask_for_resync();
    case Event::withdraw:
        return world.site().withdraw_resyncs();
    case Event::forget:
        return world.site().delete_client();
    }
}

} // namespace

TEST_CASE("whatever happens, an agent and its site agree in the end") {
    bool const holds = rc::check([] {
        World world;
        // A range grows with the size, and the container is to be small while the events are not.
        auto const any_event = rc::gen::resize(
            rc::kNominalSize, rc::gen::pair(rc::gen::inRange(0, 10), rc::gen::inRange(1, 100)));
        constexpr int most_events = 12; // some hundred steps of the agent
        auto const events =
            *rc::gen::resize(most_events, rc::gen::container<std::vector<std::pair<int, int>>>(any_event))
                 .as("events");
        for (auto const& [event, number] : events) {
            happen(world, static_cast<Event>(event), number);
            world.check();
        }
        // At last nothing disturbs them: longer than any period, pause and poll.
        world.site().set_away(false);
        world.live(14h);
        world.check();
        RC_ASSERT_FALSE(world.site().has_unmet_request());
        RC_ASSERT(world.site().last_report().has_value());
        RC_ASSERT(*world.site().last_report() > world.now() - world.site().period() - 1h);
    });
    CHECK(holds);
}

} // namespace pointman::client::agent
