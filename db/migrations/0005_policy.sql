-- SPDX-License-Identifier: Apache-2.0
-- What clients are told to do, and who is told.

-- The site as the daemon serves it, so that commands which know only the database can tell.
CREATE TABLE site (
    only_row  INTEGER PRIMARY KEY CHECK (only_row = 1),
    site_code TEXT NOT NULL,
    mode      TEXT NOT NULL CHECK (mode IN ('mixed', 'native')),
    host      TEXT NOT NULL
);

-- `change` numbers every change of an assignment, for the cookies of clients. `book` numbers every change of what all
-- clients share (policies, collections, assignments to more than one client), so that the picture of it in memory is
-- made anew only then.
CREATE TABLE policy_state (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    change   INTEGER NOT NULL,
    book     INTEGER NOT NULL
);
INSERT INTO policy_state (only_row, change, book) VALUES (1, 0, 0);

-- A collection has everybody, or those that are listed and those that the query finds.
CREATE TABLE collection (
    collection_id TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    name_lower    TEXT NOT NULL UNIQUE,
    everybody     INTEGER NOT NULL,
    query         TEXT NOT NULL
);
INSERT INTO sequence (name, next) VALUES ('collection', 1);

-- Not only registered clients: the site's unknown machines can be listed too.
CREATE TABLE collection_member (
    collection_id TEXT NOT NULL REFERENCES collection (collection_id) ON DELETE CASCADE,
    client_id     TEXT NOT NULL,
    PRIMARY KEY (client_id, collection_id)
);
CREATE INDEX collection_member_by_collection ON collection_member (collection_id);

-- Bodies as they are served, before they are encrypted to one client: the same bytes are stored once.
CREATE TABLE policy_body (
    sha256  TEXT PRIMARY KEY,
    sha1    TEXT NOT NULL,
    md5     TEXT NOT NULL,
    content BLOB NOT NULL
);

-- `policy_key` is the id as ids are compared: lower case, without braces.
CREATE TABLE policy (
    policy_key TEXT PRIMARY KEY,
    policy_id  TEXT NOT NULL,
    category   TEXT NOT NULL,
    resource   TEXT NOT NULL CHECK (resource IN ('machine', 'user'))
);

-- Versions never change. That with the highest number is the current one, the others are still served.
CREATE TABLE policy_version (
    policy_key TEXT NOT NULL REFERENCES policy (policy_key) ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    version    TEXT NOT NULL,
    flags      INTEGER NOT NULL,
    added      TEXT NOT NULL,
    sha256     TEXT NOT NULL REFERENCES policy_body (sha256),
    PRIMARY KEY (policy_key, number),
    UNIQUE (policy_key, version)
);
CREATE INDEX policy_version_by_body ON policy_version (sha256);

-- `target` is a collection, a client, or '' for all; `condition` a WQL query, or '' for none.
CREATE TABLE policy_assignment (
    assignment_id TEXT PRIMARY KEY,
    policy_key    TEXT NOT NULL REFERENCES policy (policy_key) ON DELETE CASCADE,
    target_kind   TEXT NOT NULL CHECK (target_kind IN ('all', 'collection', 'client')),
    target        TEXT NOT NULL,
    condition     TEXT NOT NULL,
    UNIQUE (policy_key, target_kind, target, condition)
);
CREATE INDEX policy_assignment_by_target ON policy_assignment (target_kind, target);

-- What clients are given for an assignment, word for word; the latest change is the current one. The earlier tell what
-- a client had when it last asked.
CREATE TABLE policy_assignment_text (
    assignment_id TEXT NOT NULL REFERENCES policy_assignment (assignment_id) ON DELETE CASCADE,
    change        INTEGER NOT NULL,
    sha256        TEXT NOT NULL,
    text          TEXT NOT NULL,
    PRIMARY KEY (assignment_id, change)
);

-- The site's signatures of those texts, each by the key that made it. `algorithm` is the CryptoAPI number of the hash.
CREATE TABLE policy_signature (
    assignment_id TEXT NOT NULL,
    change        INTEGER NOT NULL,
    algorithm     INTEGER NOT NULL,
    key_sha256    TEXT NOT NULL,
    signature     BLOB NOT NULL,
    PRIMARY KEY (assignment_id, change, algorithm, key_sha256),
    FOREIGN KEY (assignment_id, change) REFERENCES policy_assignment_text (assignment_id, change) ON DELETE CASCADE
);
