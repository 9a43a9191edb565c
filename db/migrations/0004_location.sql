-- SPDX-License-Identifier: Apache-2.0
-- Where clients are, and what is near them. An area of the network has its normal form in `value` and, to be searched
-- in, both its ends: addresses as lower-case hex of fixed width (8 digits for subnet and range, 32 for ipv6), so that
-- text order is address order; an AD site has its lower-case name in both. An empty site code is this site itself.

CREATE TABLE boundary (
    boundary_id   INTEGER PRIMARY KEY,
    name          TEXT NOT NULL,
    site_code     TEXT NOT NULL,
    slow          INTEGER NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('subnet', 'range', 'ad_site', 'ipv6')),
    value         TEXT NOT NULL,
    first_address TEXT NOT NULL,
    last_address  TEXT NOT NULL,
    UNIQUE (kind, first_address, last_address, site_code)
);

CREATE TABLE distribution_point (
    dp_id          INTEGER PRIMARY KEY,
    name           TEXT NOT NULL,
    name_lower     TEXT NOT NULL UNIQUE,
    site_code      TEXT NOT NULL,
    protected      INTEGER NOT NULL,
    internet       INTEGER NOT NULL
);

CREATE TABLE distribution_point_url (
    dp_id  INTEGER NOT NULL REFERENCES distribution_point (dp_id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    url    TEXT NOT NULL,
    PRIMARY KEY (dp_id, number)
);

-- Where a point is near.
CREATE TABLE distribution_point_boundary (
    dp_id         INTEGER NOT NULL REFERENCES distribution_point (dp_id) ON DELETE CASCADE,
    number        INTEGER NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('subnet', 'range', 'ad_site', 'ipv6')),
    value         TEXT NOT NULL,
    first_address TEXT NOT NULL,
    last_address  TEXT NOT NULL,
    PRIMARY KEY (dp_id, number)
);

-- `package` is the id as it was given, `package_key` the form in which ids are compared.
CREATE TABLE content (
    content_id  INTEGER PRIMARY KEY,
    package     TEXT NOT NULL,
    package_key TEXT NOT NULL,
    version     INTEGER NOT NULL,
    size_kb     INTEGER NOT NULL,
    UNIQUE (package_key, version)
);

CREATE TABLE content_location (
    content_id INTEGER NOT NULL REFERENCES content (content_id) ON DELETE CASCADE,
    dp_id      INTEGER NOT NULL REFERENCES distribution_point (dp_id) ON DELETE CASCADE,
    PRIMARY KEY (content_id, dp_id)
);
CREATE INDEX content_location_by_dp ON content_location (dp_id);

CREATE TABLE wsus_server (
    wsus_id   INTEGER PRIMARY KEY,
    url       TEXT NOT NULL UNIQUE,
    version   INTEGER NOT NULL,
    site_code TEXT NOT NULL,
    internet  INTEGER NOT NULL
);

INSERT INTO sequence (name, next)
VALUES ('boundary', 1), ('distribution_point', 1), ('content', 1), ('wsus_server', 1);
