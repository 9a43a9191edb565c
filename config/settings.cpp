// SPDX-License-Identifier: Apache-2.0
#include "config/settings.hpp"

#include "base/text.hpp"
#include "config/table.hpp"

#include <algorithm>
#include <cstdlib>
#include <unistd.h>

namespace pointman::config {

namespace {

constexpr std::uint64_t kilobyte = 1000;
constexpr std::uint64_t gigabyte = kilobyte * kilobyte * kilobyte;
constexpr std::uint64_t day = std::uint64_t{24} * 60 * 60;

template <class T>
T number(Value const& value) {
    return static_cast<T>(std::get<std::uint64_t>(value));
}
std::chrono::seconds seconds(Value const& value) {
    return std::chrono::seconds{number<std::int64_t>(value)};
}
std::string const& text(Value const& value) {
    return std::get<std::string>(value);
}
std::vector<std::string> const& list(Value const& value) {
    return std::get<std::vector<std::string>>(value);
}
std::vector<std::filesystem::path> paths(Value const& value) {
    return {list(value).begin(), list(value).end()};
}

using S = Settings;
using V = Value const&;

std::vector<Setting> make_table() {
    return {
        {.key = "site.code",
         .kind = Kind::site_code,
         .standard = "",
         .lab = "\"LAB\"",
         .about = "The site's code. It has to be given for a service.",
         .assign = [](S& s, V v) { s.site.code = text(v); }},
        {.key = "site.mode",
         .kind = Kind::choice,
         .standard = "\"mixed\"",
         .lab = "",
         .about = "mixed: clients may come over HTTP and bring any key. native: every message comes over TLS "
                  "with a certificate of tls.client_ca, which is then the client's approval.",
         .assign = [](S& s, V v) { s.site.mode = number<SiteMode>(v); },
         .choices = {"mixed", "native"}},
        {.key = "site.host",
         .kind = Kind::host,
         .standard = "\"\"",
         .lab = "",
         .about =
             "The name that clients are told to reach this management point by. Empty: the machine's name.",
         .assign = [](S& s, V v) { s.site.host = text(v); }},

        {.key = "http.listen",
         .kind = Kind::addresses,
         .standard = "[\"0.0.0.0:80\"]",
         .lab = "[\"127.0.0.1:8080\"]",
         .about = "Where HTTP is listened for. Port 0 is any free port; an empty list is no HTTP.",
         .assign = [](S& s, V v) { s.http_listen = list(v); }},
        {.key = "https.listen",
         .kind = Kind::addresses,
         .standard = "[]",
         .lab = "[\"127.0.0.1:8443\"]",
         .about =
             "Where HTTPS is listened for; needs tls.certificate and tls.private_key. Native mode needs it.",
         .assign = [](S& s, V v) { s.https_listen = list(v); }},

        {.key = "local.socket",
         .kind = Kind::path,
         .standard = "\"\"",
         .lab = "\"DIR/pointman.sock\"",
         .about =
             "The Unix socket that HTTP is listened for on, too; clients of this machine look for it at "
             "/run/pointman/pointman.sock. Its directory must be there, and whoever may enter that may "
             "connect "
             "(mode 0666): connecting proves nothing, and other users' messages count as over HTTP. Those of "
             "root and of the daemon's own user count as signed without a signature. Empty: none; with --lab "
             "also where DIR is too long for a socket's path.",
         .assign = [](S& s, V v) { s.local_socket = text(v); }},

        {.key = "tls.certificate",
         .kind = Kind::paths,
         .standard = "[]",
         .lab = "",
         .about = "PEM files of the server's certificates with their chains: one, or an RSA and a P-256 one. "
                  "Empty with --lab: certificates of the lab's own CA are made.",
         .assign = [](S& s, V v) { s.tls.certificate = paths(v); }},
        {.key = "tls.private_key",
         .kind = Kind::paths,
         .standard = "[]",
         .lab = "",
         .about = "PEM files of the private keys, in the order of tls.certificate.",
         .assign = [](S& s, V v) { s.tls.private_key = paths(v); }},
        {.key = "tls.profile",
         .kind = Kind::choice,
         .standard = "\"intermediate\"",
         .lab = "",
         .about =
             "Which TLS versions and ciphers are spoken: intermediate is TLS 1.2 and 1.3, modern is TLS 1.3 "
             "alone, legacy also lets old clients in.",
         .assign = [](S& s, V v) { s.tls.profile = number<TlsProfile>(v); },
         .choices = {"intermediate", "modern", "legacy"}},
        {.key = "tls.client_certificates",
         .kind = Kind::choice,
         .standard = "\"optional\"",
         .lab = "",
         .about = "none: clients are not asked for a certificate. optional: they are asked, and may come "
                  "without. required: messages and uploads over TLS get 403 without a trusted one, except on "
                  "the altauth paths. Native mode is always required.",
         .assign = [](S& s, V v) { s.tls.client_certificates = number<ClientCertificates>(v); },
         .choices = {"none", "optional", "required"}},
        {.key = "tls.client_ca",
         .kind = Kind::paths,
         .standard = "[]",
         .lab = "",
         .about =
             "PEM files of the CAs whose clients are trusted, roots included. Empty with --lab: the lab's "
             "own CA, ca.pem in storage.pki.",
         .assign = [](S& s, V v) { s.tls.client_ca = paths(v); }},
        {.key = "tls.crl",
         .kind = Kind::paths,
         .standard = "[]",
         .lab = "",
         .about = "PEM files of the CAs' revocation lists. A changed file is taken within seconds.",
         .assign = [](S& s, V v) { s.tls.crl = paths(v); }},
        {.key = "tls.crl_check",
         .kind = Kind::choice,
         .standard = "\"hard\"",
         .lab = "",
         .about = "hard: each CA of a client's chain needs a list that is in force. soft: a missing or stale "
                  "list is only logged. off: lists are not looked at. Without tls.crl it is off.",
         .assign = [](S& s, V v) { s.tls.crl_check = number<CrlCheck>(v); },
         .choices = {"hard", "soft", "off"}},

        {.key = "security.auto_approve",
         .kind = Kind::choice,
         .standard = "\"integrated\"",
         .lab = "\"all\"",
         .about = "Which new clients are approved at registration: none, those that proved a domain account "
                  "(integrated), or all.",
         .assign = [](S& s, V v) { s.security.auto_approve = number<AutoApprove>(v); },
         .choices = {"none", "integrated", "all"}},
        {.key = "security.keytab",
         .kind = Kind::path,
         .standard = "\"\"",
         .lab = "",
         .about =
             "The Kerberos keytab for integrated authentication (/ccm_system_windowsauth), with the key of "
             "HTTP/HOST@REALM. Empty: no Kerberos. Read again at SIGHUP.",
         .assign = [](S& s, V v) { s.security.keytab = text(v); }},
        {.key = "security.ntlm_users",
         .kind = Kind::path,
         .standard = "\"\"",
         .lab = "",
         .about =
             "The accounts that integrated authentication accepts by NTLM: a file with DOMAIN:USER:PASSWORD "
             "a line, with the DOMAIN as clients spell it; a machine's USER is HOST$. Empty: no NTLM. Read "
             "again at SIGHUP.",
         .assign = [](S& s, V v) { s.security.ntlm_users = text(v); }},
        {.key = "security.require_signature",
         .kind = Kind::choice,
         .standard = "\"endpoint\"",
         .lab = "",
         .about = "Whether messages must be signed: as each endpoint demands, always or never. A signature "
                  "that is "
                  "there is verified in any case.",
         .assign = [](S& s, V v) { s.security.require_signature = number<RequireSignature>(v); },
         .choices = {"endpoint", "always", "never"}},
        {.key = "security.empty_reply",
         .kind = Kind::choice,
         .standard = "\"empty\"",
         .lab = "",
         .about = "What an asynchronous message and a refusal get: nothing at all or a message header "
                  "without a body.",
         .assign = [](S& s, V v) { s.security.empty_reply = number<EmptyReply>(v); },
         .choices = {"empty", "header"}},
        {.key = "security.secret_cipher",
         .kind = Kind::choice,
         .standard = "\"auto\"",
         .lab = "",
         .about =
             "How secret policy is encrypted for a client: aes256, 3des, or as its version can open (auto).",
         .assign = [](S& s, V v) { s.security.secret_cipher = number<SecretCipher>(v); },
         .choices = {"auto", "aes256", "3des"}},
        {.key = "security.token_tolerance",
         .kind = Kind::seconds,
         .standard = "3600",
         .lab = "",
         .about = "How far the time of a client's token may be from now, before or after.",
         .assign = [](S& s, V v) { s.security.token_tolerance = seconds(v); },
         .min = 1,
         .max = 30 * day},
        {.key = "security.min_key_bits",
         .kind = Kind::number,
         .standard = "1024",
         .lab = "",
         .about = "The shortest RSA key that is taken at registration.",
         .assign = [](S& s, V v) { s.security.min_key_bits = number<unsigned>(v); },
         .min = 512,
         .max = 16384},
        {.key = "security.max_key_bits",
         .kind = Kind::number,
         .standard = "8192",
         .lab = "",
         .about = "The longest RSA key that is taken at registration.",
         .assign = [](S& s, V v) { s.security.max_key_bits = number<unsigned>(v); },
         .min = 512,
         .max = 16384},

        {.key = "limits.max_connections",
         .kind = Kind::number,
         .standard = "0",
         .lab = "",
         .about = "Connections at a time. 0: sized from the limit of open files.",
         .assign = [](S& s, V v) { s.limits.max_connections = number<std::size_t>(v); },
         .max = 1'000'000},
        {.key = "limits.max_connections_per_address",
         .kind = Kind::number,
         .standard = "0",
         .lab = "",
         .about = "Connections at a time from one address. 0: half of all.",
         .assign = [](S& s, V v) { s.limits.max_connections_per_address = number<std::size_t>(v); },
         .max = 1'000'000},
        {.key = "limits.handshake_timeout",
         .kind = Kind::seconds,
         .standard = "10",
         .lab = "",
         .about = "Until a TLS handshake must be done.",
         .assign = [](S& s, V v) { s.limits.handshake_timeout = seconds(v); },
         .min = 1,
         .max = day},
        {.key = "limits.header_timeout",
         .kind = Kind::seconds,
         .standard = "10",
         .lab = "",
         .about = "Until a request's header must have come.",
         .assign = [](S& s, V v) { s.limits.header_timeout = seconds(v); },
         .min = 1,
         .max = day},
        {.key = "limits.body_timeout",
         .kind = Kind::seconds,
         .standard = "60",
         .lab = "",
         .about = "Until a request's body must have come.",
         .assign = [](S& s, V v) { s.limits.body_timeout = seconds(v); },
         .min = 1,
         .max = day},
        {.key = "limits.idle_timeout",
         .kind = Kind::seconds,
         .standard = "120",
         .lab = "",
         .about = "How long a connection may wait for its next request.",
         .assign = [](S& s, V v) { s.limits.idle_timeout = seconds(v); },
         .min = 1,
         .max = day},
        {.key = "limits.max_failed_authentications",
         .kind = Kind::number,
         .standard = "300",
         .lab = "",
         .about = "Authentications of one address that may fail in a minute; past it, 503 with Retry-After. "
                  "0: any "
                  "number.",
         .assign = [](S& s, V v) { s.limits.max_failed_authentications = number<unsigned>(v); },
         .max = 1'000'000},
        {.key = "limits.max_body",
         .kind = Kind::size,
         .standard = "\"30 MB\"",
         .lab = "",
         .about = "The largest request body.",
         .assign = [](S& s, V v) { s.limits.max_body = number<std::uint64_t>(v); },
         .min = 1,
         .max = 4 * gigabyte},
        {.key = "limits.max_inflated",
         .kind = Kind::size,
         .standard = "\"64 MiB\"",
         .lab = "",
         .about = "The largest message after decompression.",
         .assign = [](S& s, V v) { s.limits.max_inflated = number<std::uint64_t>(v); },
         .min = 1,
         .max = 4 * gigabyte},
        {.key = "limits.max_in_flight",
         .kind = Kind::size,
         .standard = "\"256 MiB\"",
         .lab = "",
         .about = "Bytes of all requests that are being worked on; past it, 503 with Retry-After.",
         .assign = [](S& s, V v) { s.limits.max_in_flight = number<std::uint64_t>(v); },
         .min = 1,
         .max = 1000 * gigabyte},

        {.key = "storage.database",
         .kind = Kind::path,
         .standard = "\"/var/lib/pointman/pointman.db\"",
         .lab = "\"DIR/pointman.db\"",
         .about = "The SQLite database.",
         .assign = [](S& s, V v) { s.storage.database = text(v); },
         .min = 1},
        {.key = "storage.files",
         .kind = Kind::path,
         .standard = "\"/var/lib/pointman/files\"",
         .lab = "\"DIR/files\"",
         .about = "The directory of collected files, and of uploads while they wait.",
         .assign = [](S& s, V v) { s.storage.files = text(v); },
         .min = 1},
        {.key = "storage.pki",
         .kind = Kind::path,
         .standard = "\"/var/lib/pointman/pki\"",
         .lab = "\"DIR/pki\"",
         .about = "The directory of the site's own keys and certificates.",
         .assign = [](S& s, V v) { s.pki = text(v); },
         .min = 1},

        {.key = "quarantine.max_bytes",
         .kind = Kind::size,
         .standard = "\"256 MiB\"",
         .lab = "",
         .about = "Refused messages that are kept, by their size; the oldest go first.",
         .assign = [](S& s, V v) { s.quarantine.max_bytes = number<std::uint64_t>(v); },
         .min = 1,
         .max = 1000 * gigabyte},
        {.key = "quarantine.max_days",
         .kind = Kind::number,
         .standard = "90",
         .lab = "",
         .about = "Days that refused messages are kept.",
         .assign = [](S& s, V v) { s.quarantine.max_days = number<std::uint32_t>(v); },
         .min = 1,
         .max = 36'500},

        {.key = "log.directory",
         .kind = Kind::path,
         .standard = "\"/var/log/pointman\"",
         .lab = "\"DIR/logs\"",
         .about =
             "Where the logs are written, one file for each endpoint, in the form that CMTrace reads. Empty: "
             "no files, only the console or journal.",
         .assign = [](S& s, V v) { s.log.directory = text(v); }},
        {.key = "log.level",
         .kind = Kind::choice,
         .standard = "\"info\"",
         .lab = "",
         .about = "The least important records that are written; debug also shows the bodies of messages.",
         .assign = [](S& s,
                      V v) { s.log.level = find_setting("log.level")->choices.at(number<std::size_t>(v)); },
         .choices = {"debug", "info", "warning", "error"}},
        {.key = "log.max_size",
         .kind = Kind::size,
         .standard = "250000",
         .lab = "",
         .about = "The size at which X.log becomes X.lo_.",
         .assign = [](S& s, V v) { s.log.max_size = number<std::size_t>(v); },
         .min = 10 * kilobyte,
         .max = gigabyte},
        {.key = "log.max_history",
         .kind = Kind::number,
         .standard = "1",
         .lab = "",
         .about = "Old files of each log that are kept: X.lo_, then X-YYYYMMDD-HHMMSS.log.",
         .assign = [](S& s, V v) { s.log.max_history = number<std::size_t>(v); },
         .max = 1000},

        {.key = "discovery.max_report_size",
         .kind = Kind::size,
         .standard = "5000000",
         .lab = "",
         .about = "The largest discovery record after decoding.",
         .assign = [](S& s, V v) { s.max_report_size.discovery = number<std::uint64_t>(v); },
         .min = 1,
         .max = gigabyte},
        {.key = "discovery.mode",
         .kind = Kind::choice,
         .standard = "\"lenient\"",
         .lab = "",
         .about =
             "lenient: an instance that cannot be used is left out and quarantined, the rest of its record "
             "is kept. strict: the whole record is refused.",
         .assign = [](S& s, V v) { s.discovery.mode = number<ReportMode>(v); },
         .choices = {"lenient", "strict"}},
        {.key = "hardware_inventory.max_report_size",
         .kind = Kind::size,
         .standard = "5000000",
         .lab = "",
         .about = "The largest hardware inventory report after decoding.",
         .assign = [](S& s, V v) { s.max_report_size.hardware_inventory = number<std::uint64_t>(v); },
         .min = 1,
         .max = gigabyte},
        {.key = "hardware_inventory.mode",
         .kind = Kind::choice,
         .standard = "\"lenient\"",
         .lab = "",
         .about =
             "lenient: an instance that cannot be used is left out and quarantined, the rest of its report "
             "is loaded. strict: the whole report is refused.",
         .assign = [](S& s, V v) { s.hardware_inventory.mode = number<ReportMode>(v); },
         .choices = {"lenient", "strict"}},
        {.key = "hardware_inventory.history_days",
         .kind = Kind::number,
         .standard = "90",
         .lab = "",
         .about = "Days for which states of hardware that are no longer current are kept.",
         .assign = [](S& s, V v) { s.hardware_inventory.history_days = number<std::uint32_t>(v); },
         .max = 36'500},
        {.key = "software_inventory.max_report_size",
         .kind = Kind::size,
         .standard = "5000000",
         .lab = "",
         .about = "The largest software inventory report after decoding.",
         .assign = [](S& s, V v) { s.max_report_size.software_inventory = number<std::uint64_t>(v); },
         .min = 1,
         .max = gigabyte},
        {.key = "software_inventory.mode",
         .kind = Kind::choice,
         .standard = "\"lenient\"",
         .lab = "",
         .about =
             "lenient: a file that cannot be used is left out and quarantined, the rest of its report is "
             "loaded. strict: the whole report is refused.",
         .assign = [](S& s, V v) { s.software_inventory.mode = number<ReportMode>(v); },
         .choices = {"lenient", "strict"}},
        {.key = "file_collection.max_report_size",
         .kind = Kind::size,
         .standard = "\"30 MB\"",
         .lab = "",
         .about = "The largest file collection report after decoding, collected files included.",
         .assign = [](S& s, V v) { s.max_report_size.file_collection = number<std::uint64_t>(v); },
         .min = 1,
         .max = gigabyte},
        {.key = "file_collection.mode",
         .kind = Kind::choice,
         .standard = "\"lenient\"",
         .lab = "",
         .about =
             "lenient: a file that cannot be used is left out and quarantined, the rest of its report is "
             "kept. strict: the whole report is refused.",
         .assign = [](S& s, V v) { s.file_collection.mode = number<ReportMode>(v); },
         .choices = {"lenient", "strict"}},
        {.key = "file_collection.revisions",
         .kind = Kind::number,
         .standard = "5",
         .lab = "",
         .about = "How many revisions of each collected file are kept.",
         .assign = [](S& s, V v) { s.file_collection.revisions = number<std::uint32_t>(v); },
         .min = 1,
         .max = 1000},
        {.key = "file_collection.max_file",
         .kind = Kind::size,
         .standard = "\"1 MB\"",
         .lab = "",
         .about = "The largest collected file. Of a larger one is kept what it is, without its bytes.",
         .assign = [](S& s, V v) { s.file_collection.max_file = number<std::uint64_t>(v); },
         .max = gigabyte},
        {.key = "file_collection.max_cycle",
         .kind = Kind::size,
         .standard = "\"20 MB\"",
         .lab = "",
         .about =
             "How much is kept of all the files of one report. Of those beyond it is kept what they are, "
             "without their bytes.",
         .assign = [](S& s, V v) { s.file_collection.max_cycle = number<std::uint64_t>(v); },
         .max = gigabyte},
        {.key = "status.milestone_days",
         .kind = Kind::number,
         .standard = "30",
         .lab = "",
         .about = "Days for which status messages are kept that are milestones, as clients send them.",
         .assign = [](S& s, V v) { s.status.milestone_days = number<std::uint32_t>(v); },
         .max = 36'500},
        {.key = "status.detail_days",
         .kind = Kind::number,
         .standard = "30",
         .lab = "",
         .about = "Days for which status messages are kept that are details.",
         .assign = [](S& s, V v) { s.status.detail_days = number<std::uint32_t>(v); },
         .max = 36'500},
        {.key = "status.audit_days",
         .kind = Kind::number,
         .standard = "180",
         .lab = "",
         .about = "Days for which status messages are kept that are audits.",
         .assign = [](S& s, V v) { s.status.audit_days = number<std::uint32_t>(v); },
         .max = 36'500},
        {.key = "status.nt_event_days",
         .kind = Kind::number,
         .standard = "30",
         .lab = "",
         .about = "Days for which status messages are kept that are NT events.",
         .assign = [](S& s, V v) { s.status.nt_event_days = number<std::uint32_t>(v); },
         .max = 36'500},
        {.key = "uploads.mode",
         .kind = Kind::choice,
         .standard = "\"on\"",
         .lab = "",
         .about = "Whether clients may upload large messages with BITS; off: they get 501.",
         .assign = [](S& s, V v) { s.uploads.enabled = number<std::size_t>(v) == 0; },
         .choices = {"on", "off"}},
        {.key = "uploads.max_size",
         .kind = Kind::size,
         .standard = "\"64 MiB\"",
         .lab = "",
         .about =
             "The largest upload. It counts towards limits.max_in_flight while its message is worked on, so "
             "more than half of that is never taken.",
         .assign = [](S& s, V v) { s.uploads.max_size = number<std::uint64_t>(v); },
         .min = 1,
         .max = gigabyte / 2},
        {.key = "uploads.max_bytes",
         .kind = Kind::size,
         .standard = "\"1 GiB\"",
         .lab = "",
         .about = "All uploads together that are under way or wait for their message, by the sizes that were "
                  "announced; past it, 503 with Retry-After.",
         .assign = [](S& s, V v) { s.uploads.max_bytes = number<std::uint64_t>(v); },
         .min = 1,
         .max = 1000 * gigabyte},
        {.key = "uploads.max_sessions",
         .kind = Kind::number,
         .standard = "1000",
         .lab = "",
         .about = "Uploads at a time, those that wait for their message included; past it, 503.",
         .assign = [](S& s, V v) { s.uploads.max_sessions = number<std::uint64_t>(v); },
         .min = 1,
         .max = 1'000'000},
        {.key = "uploads.max_sessions_per_address",
         .kind = Kind::number,
         .standard = "100",
         .lab = "",
         .about = "The same of one address; IPv6 counts by its /64.",
         .assign = [](S& s, V v) { s.uploads.max_sessions_per_address = number<std::uint64_t>(v); },
         .min = 1,
         .max = 1'000'000},
        {.key = "uploads.session_days",
         .kind = Kind::number,
         .standard = "7",
         .lab = "",
         .about = "Days after its latest fragment for which an upload can be resumed.",
         .assign = [](S& s, V v) { s.uploads.session_days = number<std::uint32_t>(v); },
         .min = 1,
         .max = 365},
        {.key = "uploads.finished_days",
         .kind = Kind::number,
         .standard = "2",
         .lab = "",
         .about = "Days for which a finished upload waits for its message.",
         .assign = [](S& s, V v) { s.uploads.finished_days = number<std::uint32_t>(v); },
         .min = 1,
         .max = 365},
        {.key = "relay.missing_age",
         .kind = Kind::number,
         .standard = "2880",
         .lab = "",
         .about =
             "Minutes for which state messages whose serial numbers are missing are waited for. After that "
             "the client is asked for all its states.",
         .assign = [](S& s, V v) { s.relay.missing_age = std::chrono::minutes(number<std::uint32_t>(v)); },
         .max = 5'256'000},
        {.key = "relay.check_interval",
         .kind = Kind::number,
         .standard = "60",
         .lab = "",
         .about = "Seconds between looks for serial numbers that are missing for too long.",
         .assign = [](S& s, V v) { s.relay.check_interval = std::chrono::seconds(number<std::uint32_t>(v)); },
         .min = 1,
         .max = 86'400},
        {.key = "relay.history_days",
         .kind = Kind::number,
         .standard = "90",
         .lab = "",
         .about = "Days for which states that are no longer current and metered usages are kept.",
         .assign = [](S& s, V v) { s.relay.history_days = number<std::uint32_t>(v); },
         .max = 36'500},
        {.key = "relay.max_idmif",
         .kind = Kind::size,
         .standard = "\"250 KB\"",
         .lab = "",
         .about =
             "The largest IDMIF file. A larger one is quarantined unread, the rest of its report is kept.",
         .assign = [](S& s, V v) { s.relay.max_idmif = number<std::uint64_t>(v); },
         .max = 5'000'000},
    };
}

} // namespace

std::span<Setting const> settings_table() {
    static std::vector<Setting> const table = make_table();
    return table;
}

Setting const* find_setting(std::string_view key) {
    auto const table = settings_table();
    auto const found = std::ranges::find(table, key, &Setting::key);
    return found == table.end() ? nullptr : &*found;
}

std::string environment_name(Setting const& setting) {
    auto name = "POINTMAN_" + to_upper(setting.key);
    std::ranges::replace(name, '.', '_');
    return name;
}

std::vector<std::pair<std::string, std::string>> environment() {
    std::vector<std::pair<std::string, std::string>> found;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        std::string_view const variable(*entry);
        auto const equals = variable.find('=');
        if (!variable.starts_with("POINTMAN_") || equals == std::string_view::npos) continue;
        found.emplace_back(variable.substr(0, equals), variable.substr(equals + 1));
    }
    return found;
}

} // namespace pointman::config
