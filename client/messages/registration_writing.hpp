// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/wire/signature.hpp"

#include <pointman/registration.hpp>

namespace pointman::client {

/// Who registers.
struct Registrant {
    std::string smsid{}; ///< "" = the server gives one
    Bytes certificate;   ///< DER
    bool is_self_signed = true;
    wire::PrivateKey key;
};

/// `proof` is the RegistrationHint, or nothing.
std::string registration_request(Registrant const& client, Agent const& agent, Time now,
                                 std::string_view proof = {});

} // namespace pointman::client
