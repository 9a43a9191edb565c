// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pointman::config {

enum class SiteMode { mixed, native };
enum class AutoApprove { none, integrated, all };
enum class RequireSignature { endpoint, always, never };
enum class EmptyReply { empty, header };
enum class SecretCipher { automatic, aes256, triple_des };
enum class TlsProfile { intermediate, modern, legacy };
enum class ClientCertificates { none, optional, required };
enum class CrlCheck { hard, soft, off };
/// What becomes of a report with a part that cannot be used.
enum class ReportMode { lenient, strict };

/// All settings with their defaults. Names, values and defaults: the table in settings.cpp, from which the
/// sample file, the reference and the nearest-key hints are made.
struct Settings {
    struct Site {
        std::string code;
        SiteMode mode = SiteMode::mixed;
        std::string host; ///< name that clients are told; empty in the file = the machine's name
    } site;

    std::vector<std::string> http_listen; ///< ADDR:PORT
    std::vector<std::string> https_listen;
    std::filesystem::path local_socket; ///< empty = none

    struct Tls {
        std::vector<std::filesystem::path> certificate;
        std::vector<std::filesystem::path> private_key;
        TlsProfile profile = TlsProfile::intermediate;
        /// Always `required` in native mode.
        ClientCertificates client_certificates = ClientCertificates::optional;
        std::vector<std::filesystem::path> client_ca; ///< with --lab and none given: the lab's own CA
        std::vector<std::filesystem::path> crl;
        CrlCheck crl_check = CrlCheck::off; ///< `hard` where only `crl` is given
    } tls;

    struct Security {
        AutoApprove auto_approve = AutoApprove::integrated;
        RequireSignature require_signature = RequireSignature::endpoint;
        EmptyReply empty_reply = EmptyReply::empty;
        SecretCipher secret_cipher = SecretCipher::automatic;
        std::chrono::seconds token_tolerance{3600}; ///< a client token's time from now, before or after
        unsigned min_key_bits = 1024;
        unsigned max_key_bits = 8192;
        std::filesystem::path keytab;     ///< "" = no Kerberos
        std::filesystem::path ntlm_users; ///< "" = no NTLM
    } security;

    struct Limits {
        std::size_t max_connections = 0;             ///< 0 = sized from the limit of open files
        std::size_t max_connections_per_address = 0; ///< 0 = half of max_connections
        std::chrono::seconds handshake_timeout{10};
        std::chrono::seconds header_timeout{10};
        std::chrono::seconds body_timeout{60};
        std::chrono::seconds idle_timeout{120};
        unsigned max_failed_authentications = 300; ///< of one address, a minute; 0 = no limit
        std::uint64_t max_body = 30'000'000;
        std::uint64_t max_inflated = 64UL * 1024 * 1024;
        std::uint64_t max_in_flight = 256UL * 1024 * 1024;
    } limits;

    struct Storage {
        std::filesystem::path database;
        std::filesystem::path files;
    } storage;

    struct Quarantine {
        std::uint64_t max_bytes = 256UL * 1024 * 1024;
        std::uint32_t max_days = 90;
    } quarantine;

    struct Log {
        std::filesystem::path directory;
        std::string level = "info";
        std::size_t max_size = 250'000;
        std::size_t max_history = 1;
    } log;

    /// Bytes of one report after decoding; over it, ExceedSizeLimit.
    struct ReportSizes {
        std::uint64_t discovery = 5'000'000;
        std::uint64_t hardware_inventory = 5'000'000;
        std::uint64_t software_inventory = 5'000'000;
        std::uint64_t file_collection = 30'000'000;
    } max_report_size;

    struct Discovery {
        ReportMode mode = ReportMode::lenient;
    } discovery;

    struct HardwareInventory {
        ReportMode mode = ReportMode::lenient;
        std::uint32_t history_days = 90;
    } hardware_inventory;

    struct SoftwareInventory {
        ReportMode mode = ReportMode::lenient;
    } software_inventory;

    struct FileCollection {
        ReportMode mode = ReportMode::lenient;
        std::uint32_t revisions = 5;
        std::uint64_t max_file = 1'000'000;
        std::uint64_t max_cycle = 20'000'000; ///< of all files of one report
    } file_collection;

    /// Days for which status messages of each type are kept.
    struct Status {
        std::uint32_t milestone_days = 30;
        std::uint32_t detail_days = 30;
        std::uint32_t audit_days = 180;
        std::uint32_t nt_event_days = 30;
    } status;

    /// Payloads that clients upload with BITS before the message.
    struct Uploads {
        bool enabled = true;
        std::uint64_t max_size = 64UL * 1024 * 1024;
        std::uint64_t max_bytes = 1024UL * 1024 * 1024; ///< of all of them, as announced
        std::uint64_t max_sessions = 1000;
        std::uint64_t max_sessions_per_address = 100;
        std::uint32_t session_days = 7;  ///< since the latest fragment
        std::uint32_t finished_days = 2; ///< until the message must have come
    } uploads;

    struct Relay {
        std::chrono::minutes missing_age{
            2880}; ///< of a gap in serial numbers, before all states are asked for
        std::chrono::seconds check_interval{60}; ///< between looks for such gaps
        std::uint32_t history_days = 90;   ///< of states that are not current any more, and of metered usages
        std::uint64_t max_idmif = 250'000; ///< bytes of one file
    } relay;

    /// Where the keys of the site lie; DIR/pki with --lab.
    std::filesystem::path pki;
};

/// Where one setting came from, for messages: "pointman.toml:12:3", "--set", "POINTMAN_SITE_CODE".
struct Fault {
    std::string place;
    std::string message; ///< what was wrong and what to do, with the nearest valid key where one is near
};

struct Source {
    std::filesystem::path file;    ///< "" = none
    std::vector<std::string> sets; ///< "table.key=value", last wins, after file and environment
    std::vector<std::pair<std::string, std::string>> environment; ///< POINTMAN_TABLE_KEY and value
    std::filesystem::path lab;                                    ///< --lab DIR: other defaults; "" = none
};

/// All faults at once, or the settings. Order of weight: defaults, file, environment, --set. With `lab` and
/// no `file`, DIR/pointman.toml is the file where it exists. A relative path in a file counts from the file's
/// directory, one in the environment or a --set from the working directory. Values of the last two are TOML
/// (`[1, 2]`, `"text"`) or plain text. A variable POINTMAN_X is a fault where it begins like a table or is
/// near to a setting's variable; others are not ours.
std::expected<Settings, std::vector<Fault>> load(Source const& source);

/// The variables of this process that begin with POINTMAN_.
std::vector<std::pair<std::string, std::string>> environment();

/// config/pointman.toml and the table of the reference, made from the settings table; a test keeps the files
/// equal. The sample holds each setting as a comment with its default, and only what has to be given as a
/// setting.
std::string sample_file();
std::string reference_markdown();
/// packaging/man/pointman.toml.5, likewise.
std::string reference_man();

} // namespace pointman::config
