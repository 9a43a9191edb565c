// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "config/settings.hpp"
#include "db/unknown_machines.hpp"
#include "server/http/types.hpp"
#include "server/site/keys.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pointman::site {

/// What the pages tell of the site.
struct SiteFacts {
    std::string site_code;
    std::string host; ///< site.host
    config::SiteMode mode = config::SiteMode::mixed;
    SiteKeys keys;
    db::UnknownMachines unknown_machines;
};

// clang-format off
/// The look-ups `GET /SMS_MP/.sms_aut?VERB[&argument]`: who the management point is and by which keys to know it,
/// told to everybody who may see the path (wire.md 9, location.md 6). ASCII, no XML declaration; hexadecimal is
/// upper-case, certificates are DER.
///
///   MPLIST, MPLIST1 [&SITE]   MPList / MP Name FQDN SiteCode / Version, FQDN, Capabilities / Property SSLState
///   MPLIST2 [&SITE]           the same: the Internet's list, in native mode only
///   MPCERT                    MPCertificate / Certificate: the signing one
///   MPCERT1, MPCERT2          MPCertificates / Certificate1 Signature (signing), Certificate2 (encryption)
///   MPKEYINFORMATION, ...EX, ...MEDIA
///                             MPKEYINFORMATION / MACHINENAME, FQDN, SITECODE, AssignmentSiteCode, TRUSTEDROOTKEY,
///                             MPCERTIFICATE Signature (signing), UnknownMachines x64UnknownMachineGUID
///                             x86UnknownMachineGUID. Clients ask for one of the three and read by name, so all
///                             have everything
///   MPTRK                     KEYDATA / TRUSTEDROOTKEY Signature
///   SITESIGNCERT              X509Data / X509Certificate EncodingType="hexBinary": the site signing certificate
///   SMSTRC                    the same with the root's certificate
///   MPLOCATION &ip=SUBNET &ir=ADDRESS
///                             MPLocation MP SiteCode AssignedSiteCode x64UnknownMachineGUID x86UnknownMachineGUID
///                             MPCertificatesEx (signing)
///   GETCLIENTAFFINITY &SMSID  MachineAffinity, empty: whose computer it is, is not known here
// clang-format on
///
/// - A list of another site is an empty MPList, since this is the only site known. A list of 2007 names the
///   site whatever the verb (location.md 9); later ones leave SiteCode out of MPLIST.
/// - MPLOCATION takes any IP address, IPv6 too: there is one site to send everybody to. Without one all
///   values are empty, which clients take for "not understood".
/// - SSLState is 0, or 63 in native mode: published logs of clients show these for servers that speak HTTP
///   and for those that demand TLS and a certificate. What the single bits mean is not published.
/// - Machine ids stand without `GUID:` and braces: boot media put them into messages as they are.
/// - There are no ports and no schemes: clients go on with those by which they came (wire.md 10.1).
/// - Verbs and site codes are compared without case, after percent-decoding; `=` separates like `&`; empty
///   arguments do not count, and what a verb does not know is ignored, as is all past a few arguments. An
///   unknown verb, none, and MPLIST2 in mixed mode get 404 (location.md 8).
///
/// All pages are made once. Thread safe.
class LookUps {
public:
    explicit LookUps(SiteFacts const& facts);

    http::Response answer(http::Request const& request) const;

private:
    struct Page {
        Bytes body;
        std::string tag; ///< for ETag
    };
    using Arguments = std::vector<std::string>;
    struct LookUp {
        std::string_view verb;
        Page page;
        /// Whether the page is what is asked for; null = it always is.
        bool (*fits)(Arguments const& arguments, std::string_view site_code) = nullptr;
        Page otherwise{};
    };

    static Page make_page(std::string_view xml);
    Page const* find(std::string_view query) const;

    std::string site_code_;
    std::vector<LookUp> look_ups_;
};

} // namespace pointman::site
