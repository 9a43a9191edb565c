// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.hpp"
#include "server/http/types.hpp"

#include <string>

namespace pointman::http {

struct AnswerForm {
    bool close = false;    ///< state Connection: close
    bool http_1_0 = false; ///< where the connection stays, an HTTP/1.0 client must be told
};

/// `Sun, 06 Nov 1994 08:49:37 GMT`
std::string http_date(TimePoint time);

/// Whether a status can carry a body at all (1xx, 204 and 304 cannot).
bool has_body(unsigned status);

/// Replaces `out` by status line and headers, empty line included. Content-Length is always stated, 0 too:
/// for clients the value 0 has a meaning (wire.md 2).
void write_answer_head(std::string& out, Response const& response, AnswerForm form, TimePoint now);

} // namespace pointman::http
