// SPDX-License-Identifier: Apache-2.0
#include "endpoints/status/events.hpp"

#include "base/number.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pointman::endpoints::status {

namespace {

using db::StatusMessage;
using db::StatusSeverity;
using Values = std::vector<std::pair<std::string, std::string>>;

constexpr auto informational = StatusSeverity::informational;
constexpr auto warning = StatusSeverity::warning;
constexpr auto error = StatusSeverity::error;

/// SMS_SofwareDistribution_Event: the fillers hold positions.
constexpr std::array<std::string_view, 8> program_strings{"AdvertisementId", "DummyString2", "DummyString3",
                                                          "PackageName",     "ProgramName",  "DummyString6",
                                                          "DummyString7",    "DummyString8"};
/// SoftwareDistributionPackageEvent.
constexpr std::array<std::string_view, 4> package_strings{"", "PackageVersion", "", "PackageName"};
constexpr std::array<std::string_view, 10> ad_hoc_strings{
    "InsertionString1", "InsertionString2", "InsertionString3", "InsertionString4", "InsertionString5",
    "InsertionString6", "InsertionString7", "InsertionString8", "InsertionString9", "InsertionString10"};
constexpr std::array<std::string_view, 2> id_strings{"NewClientId", "PreviousClientId"};
constexpr std::span<std::string_view const> none{};

constexpr std::string_view distribution = "Software Distribution";
constexpr std::string_view framework = "Client Framework";
constexpr std::string_view locations = "Location Services";
constexpr std::string_view host = "Service Host";
constexpr std::string_view transfer = "Data Transfer Service";

constexpr auto classes = std::to_array<EventClass>({
    {"SMS_SofwareDistribution_Event", informational, distribution, program_strings,
     "Advertisement {AdvertisementId}: program {ProgramName} of package {PackageName}"},
    {"SoftwareDistributionPackageEvent", informational, distribution, package_strings,
     "Package {PackageName}, version {PackageVersion}"},
    {"SoftDistProgramStartedEvent", informational, distribution, program_strings,
     "Program {ProgramName} of package {PackageName} began (advertisement {AdvertisementId}): {CommandLine}"},
    {"SoftDistProgramCompletedSuccessfullyEvent", informational, distribution, program_strings,
     "Program {ProgramName} of package {PackageName} ended with success (advertisement {AdvertisementId})"},
    {"SoftDistProgramCompletedSuccessfulMIFEvent", informational, distribution, program_strings,
     "Program {ProgramName} of package {PackageName} says in a status MIF that it succeeded (advertisement"
     " {AdvertisementId})"},
    {"SoftDistProgramErrorEvent", error, distribution, program_strings,
     "Program {ProgramName} of package {PackageName} failed (advertisement {AdvertisementId})"},
    {"SoftDistProgramErrorMIFEvent", error, distribution, program_strings,
     "Program {ProgramName} of package {PackageName} says in a status MIF that it failed (advertisement"
     " {AdvertisementId})"},
    {"SoftDistWarningProgramErrorEvent", warning, distribution, program_strings,
     "Program {ProgramName} of package {PackageName} ended with a warning (advertisement {AdvertisementId})"},
    {"SoftDistProgramExceededTime", warning, distribution, program_strings,
     "Program {ProgramName} of package {PackageName} ran for longer than it may (advertisement"
     " {AdvertisementId})"},
    {"SoftDistProgramPrelimSuccessEvent", informational, distribution, program_strings,
     "Program {ProgramName} of package {PackageName} succeeded so far (advertisement {AdvertisementId})"},
    {"SoftDistProgramUnexpectedRebootEvent", warning, distribution, program_strings,
     "The computer was restarted while program {ProgramName} of package {PackageName} ran (advertisement"
     " {AdvertisementId})"},
    {"SoftDistProgramShouldNeverRun", warning, distribution, program_strings,
     "Program {ProgramName} of package {PackageName} can never run on this computer (advertisement"
     " {AdvertisementId})"},
    {"SoftDistDownloadStartedEvent", informational, distribution, package_strings,
     "Download of package {PackageName}, version {PackageVersion}, began"},
    {"SoftDistDownloadFailedEvent", error, distribution, package_strings,
     "Download of package {PackageName}, version {PackageVersion}, failed"},
    {"SoftDistContentRemovedEvent", informational, distribution, package_strings,
     "Package {PackageName}, version {PackageVersion}, was removed from the cache"},
    {"CCM_Framework_Error", error, framework, none, ""},
    {"CCM_Framework_Warning", warning, framework, none, ""},
    {"CCM_Framework_Info", informational, framework, none, ""},
    {"CCM_Framework_ClientIdUpdated", informational, framework, id_strings,
     "The client is {NewClientId} from now on, and was {PreviousClientId}"},
    {"CCM_ServiceHost_CertificateOperationsFailure", error, host, none,
     "Certificates could not be worked with"},
    {"CCM_ServiceHost_LowMemoryMode_Enter", warning, host, none, "Memory is low"},
    {"CCM_ServiceHost_LowMemoryMode_Recover", informational, host, none, "Memory is not low any more"},
    {"CCM_LocationServices_SiteSigning_AuthFailure_Expired", error, locations, none,
     "The site's signing certificate has expired"},
    {"CCM_LocationServices_SiteSigning_AuthFailure_Revoked", error, locations, none,
     "The site's signing certificate is revoked"},
    {"CCM_LocationServices_SiteSigning_AuthFailure_Trust", error, locations, none,
     "The site's signing certificate is not trusted"},
    {"CCM_LocationServices_ManagementPointCertificate_CrossVerificationFailure", error, locations, none,
     "The management point's certificate could not be verified"},
    {"CCM_LocationServices_ProxyChanged", informational, locations, none, "The proxy has changed"},
    {"CCM_DataTransferService_BITS_SecureFailure", error, transfer, none, "A secure transfer failed"},
    {"SMS_UnknownStatusMessage", informational, "", ad_hoc_strings, ""},
});

EventClass const* find_class(std::string_view name) {
    auto const* const found = std::ranges::find_if(
        classes, [name](EventClass const& known) { return equal_ignoring_case(known.name, name); });
    return found == classes.end() ? nullptr : found;
}

/// Names of properties are compared without case, as CIM does; nothing where it is absent.
std::optional<std::string_view> value_of(Values const& values, std::string_view name) {
    auto const found = std::ranges::find_if(
        values, [&](auto const& value) { return equal_ignoring_case(value.first, name); });
    if (found == values.end()) return std::nullopt;
    return trim(found->second);
}

std::string text_of(Values const& values, std::string_view name) {
    return std::string(value_of(values, name).value_or(""));
}

class Derivation {
public:
    explicit Derivation(StatusMessage& message)
        : message_(message)
        , known_(find_class(message.event_class)) {}

    std::vector<std::string> run() {
        message_.component = text_of(message_.properties, "ComponentName");
        if (message_.component.empty() && known_ != nullptr) message_.component = known_->component;
        if (auto const module = text_of(message_.properties, "ModuleName"); !module.empty())
            message_.module = module;
        message_.top_site = text_of(message_.properties, "TopLevelSiteCode");
        if (message_.top_site.empty()) message_.top_site = message_.site;
        message_.process_id = number("ProcessID", 0);
        message_.thread_id = number("ThreadID", 0);
        message_.win32_error = number("Win32ErrorCode", 0);
        read_number_and_severity();
        read_time();
        read_strings();
        read_attributes();
        message_.description = description();
        return std::move(faults_);
    }

private:
    std::int64_t number(std::string_view name, std::int64_t otherwise) {
        auto const text = value_of(message_.properties, name);
        if (!text || text->empty()) return otherwise;
        auto const value = number_in<std::int64_t>(*text);
        if (!value || *value < 0) {
            faults_.push_back(fmt::format("{} is \"{}\": no number", name, *text));
            return otherwise;
        }
        return *value;
    }

    /// The class's own, or what the end of its name says.
    StatusSeverity severity_of_class() const {
        if (known_ != nullptr) return known_->severity;
        auto const ends_with = [name = to_lower(message_.event_class)](std::string_view end) {
            return name.ends_with(end);
        };
        if (ends_with("_error")) return error;
        if (ends_with("_warning")) return warning;
        return informational;
    }

    void read_number_and_severity() {
        constexpr std::int64_t largest_number = 0xFFFF;
        message_.severity = severity_of_class();
        // Later clients name the whole word: severity in its two highest bits, the number in its lowest
        // sixteen.
        auto const word = number_in<std::uint32_t>(text_of(message_.qualifiers, "SMS_MessageID"));
        if (word) {
            message_.message_number = *word & 0xFFFFU;
            auto const bits = static_cast<StatusSeverity>(*word & 0xC0000000U);
            if (!db::name_of(bits).empty()) message_.severity = bits;
        }
        auto const own = number("MessageID", message_.message_number);
        if (own <= largest_number) {
            message_.message_number = own;
        } else {
            faults_.push_back(fmt::format("MessageID is {}: more than {}", own, largest_number));
        }
        constexpr std::array by_client{informational, warning, error};
        auto const given = number("Severity", -1);
        if (given < 0) return;
        if (given < std::ssize(by_client)) {
            message_.severity = by_client.at(static_cast<std::size_t>(given));
        } else if (auto const stored = static_cast<StatusSeverity>(given); !db::name_of(stored).empty()) {
            message_.severity = stored;
        } else {
            faults_.push_back(fmt::format("Severity is {}: neither 0, 1 nor 2", given));
        }
    }

    void read_time() {
        message_.happened = message_.received;
        if (message_.time.empty()) return;
        if (auto const time = parse_cim_time(message_.time)) {
            message_.happened = *time;
        } else {
            faults_.push_back(
                fmt::format("DateTime \"{}\" is no CIM time: the time of receipt counts", message_.time));
        }
    }

    void read_strings() {
        auto const names = known_ == nullptr || known_->strings.empty() ? ad_hoc_strings : known_->strings;
        for (auto const name : names)
            message_.strings.push_back(name.empty() ? std::string() : text_of(message_.properties, name));
        while (!message_.strings.empty() && message_.strings.back().empty()) message_.strings.pop_back();
    }

    void add_attribute(std::int64_t id, std::string_view value) {
        if (value.empty()) return;
        std::pair const attribute(id, std::string(value));
        // PackageId and PackageName both hold the id of the package.
        if (std::ranges::find(message_.attributes, attribute) == message_.attributes.end())
            message_.attributes.push_back(attribute);
    }

    void read_attributes() {
        constexpr std::array<std::pair<std::string_view, std::int64_t>, 6> documented{
            {{"AdvertisementId", 401},
             {"PackageId", 400},
             {"PackageName", 400},
             {"PackageVersion", 410},
             {"ClientID", 408},
             {"UserContext", 403}}};
        constexpr std::string_view prefix = "Attribute";
        for (auto const& [name, value] : message_.properties) {
            for (auto const& [known, id] : documented) {
                if (equal_ignoring_case(name, known)) add_attribute(id, trim(value));
            }
            if (!starts_with_ignoring_case(name, prefix)) continue;
            if (auto const id = number_in<std::uint16_t>(std::string_view(name).substr(prefix.size())))
                add_attribute(*id, trim(value));
        }
    }

    std::string description() const {
        if (known_ != nullptr && !known_->description.empty()) return filled(known_->description);
        if (!message_.strings.empty()) {
            std::vector<std::string> said;
            std::ranges::copy_if(message_.strings, std::back_inserter(said),
                                 [](std::string const& text) { return !text.empty(); });
            return fmt::format("{}", fmt::join(said, ", "));
        }
        std::string text = message_.event_class;
        for (auto const& [name, value] : message_.properties)
            text += fmt::format(" {}={}", name, trim(value));
        return text;
    }

    std::string filled(std::string_view pattern) const {
        std::string text;
        while (!pattern.empty()) {
            auto const begin = pattern.find('{');
            text += pattern.substr(0, begin);
            if (begin == std::string_view::npos) break;
            auto const end = pattern.find('}', begin);
            text += text_of(message_.properties, pattern.substr(begin + 1, end - begin - 1));
            pattern.remove_prefix(end + 1);
        }
        return text;
    }

    StatusMessage& message_;
    EventClass const* known_;
    std::vector<std::string> faults_;
};

} // namespace

std::span<EventClass const> event_classes() {
    return classes;
}

std::vector<std::string> derive(db::StatusMessage& message) {
    return Derivation(message).run();
}

} // namespace pointman::endpoints::status
