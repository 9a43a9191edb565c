-- SPDX-License-Identifier: Apache-2.0
-- Payloads that clients upload before the message that names them. One row is one session of BITS; its bytes lie in a
-- file that is called by it. Ids are UUIDs in upper case.

CREATE TABLE upload (
    session_id TEXT PRIMARY KEY,
    message_id TEXT NOT NULL,
    address    TEXT NOT NULL,
    total      INTEGER,          -- bytes; NULL before the first fragment
    received   INTEGER NOT NULL, -- bytes from the beginning that are durable
    finished   TEXT,             -- when the session was closed
    expires    TEXT NOT NULL
);
CREATE INDEX upload_by_message ON upload (message_id);
CREATE INDEX upload_by_expiry ON upload (expires);

-- Messages whose upload was used up. A client that saw no answer sends such a message again.
CREATE TABLE used_upload (
    message_id     TEXT NOT NULL,
    request_sha256 TEXT NOT NULL,
    expires        TEXT NOT NULL,
    PRIMARY KEY (message_id, request_sha256)
);
CREATE INDEX used_upload_by_expiry ON used_upload (expires);
