// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

#include <string>
#include <string_view>

/// Both mechanisms' names in one form, the one that a registration is judged by: DOMAIN\NAME, or NAME where
/// an NTLM client gave no domain. A machine account ends with '$'.
namespace pointman::integrated {

/// The account that a Kerberos principal stands for, in the form that GSSAPI displays it:
///
///   LABPC01$@LAB.EXAMPLE                  LAB.EXAMPLE\LABPC01$   the machine account of an Active Directory
///   host/labpc01.lab.example@LAB.EXAMPLE  LAB.EXAMPLE\LABPC01$   a host's key, where there are no such ones
///   jane@LAB.EXAMPLE                      LAB.EXAMPLE\jane
///
/// The host's name is cut at its first dot, since NetBIOS names have no domain: two hosts of one realm that
/// differ only behind the dot stand for one account.
/// Fails with malformed for a principal without a realm, and for one with a backslash or a control character
/// anywhere, which could pass for another account.
Result<std::string> account_of_principal(std::string_view principal);

/// The account that NTLM's mechanism displays, which has the form already. Fails with malformed as above.
Result<std::string> account_of_ntlm(std::string_view name);

} // namespace pointman::integrated
