-- SPDX-License-Identifier: Apache-2.0
-- Boot media that may ask for policy: each is known by the key of its certificate.

CREATE TABLE media (
    media_id    INTEGER PRIMARY KEY,
    name        TEXT NOT NULL,
    key_sha256  TEXT NOT NULL UNIQUE,
    added       TEXT NOT NULL,
    key_spki    BLOB NOT NULL,
    certificate BLOB NOT NULL
);
INSERT INTO sequence (name, next) VALUES ('media', 1);
