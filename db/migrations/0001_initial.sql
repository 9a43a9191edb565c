-- SPDX-License-Identifier: Apache-2.0
-- Times are ISO 8601 UTC with milliseconds, so that text order is time order. Client ids are SMSIDs, `GUID:` and an
-- upper-case UUID. Ids of rows come from `sequence` and are never given again.

CREATE TABLE sequence (
    name TEXT PRIMARY KEY,
    next INTEGER NOT NULL
);
-- The real product's resource ids of clients begin at 2^24 + 1.
INSERT INTO sequence (name, next)
VALUES ('resource', 16777217), ('report', 1), ('status_message', 1), ('quarantine', 1);

CREATE TABLE client (
    client_id              TEXT PRIMARY KEY,
    resource_id            INTEGER NOT NULL UNIQUE,
    name                   TEXT NOT NULL,
    fqdn                   TEXT NOT NULL,
    approval               TEXT NOT NULL CHECK (approval IN ('pending', 'approved', 'blocked', 'not_applicable')),
    approval_method        TEXT NOT NULL,
    approval_time          TEXT NOT NULL,
    agent_type             INTEGER NOT NULL,
    agent_version          TEXT NOT NULL,
    agent_identity         TEXT NOT NULL,
    hardware_id            TEXT NOT NULL,
    proxy_id               TEXT,
    first_seen             TEXT NOT NULL,
    last_seen              TEXT NOT NULL,
    encryption_certificate BLOB NOT NULL
);
CREATE INDEX client_by_name ON client (lower(name));
CREATE INDEX client_by_fqdn ON client (lower(fqdn));
CREATE INDEX client_by_hardware_id ON client (hardware_id);

-- Keys of a client, numbered from 1; the current one has no end.
CREATE TABLE client_key (
    client_id           TEXT NOT NULL REFERENCES client (client_id) ON DELETE CASCADE,
    number              INTEGER NOT NULL,
    key_sha256          TEXT NOT NULL,
    valid_from          TEXT NOT NULL,
    valid_until         TEXT,
    key_spki            BLOB NOT NULL,
    signing_certificate BLOB NOT NULL,
    PRIMARY KEY (client_id, number)
);
CREATE UNIQUE INDEX client_key_current ON client_key (client_id) WHERE valid_until IS NULL;
CREATE INDEX client_key_by_sha256 ON client_key (key_sha256) WHERE valid_until IS NULL;

-- Both directions are stored: each client's rows name the others.
CREATE TABLE client_conflict (
    client_id TEXT NOT NULL REFERENCES client (client_id) ON DELETE CASCADE,
    other_id  TEXT NOT NULL REFERENCES client (client_id) ON DELETE CASCADE,
    kind      TEXT NOT NULL,
    time      TEXT NOT NULL,
    PRIMARY KEY (client_id, other_id, kind)
);
CREATE INDEX client_conflict_by_other ON client_conflict (other_id);

-- Discovery properties of the registration that have no column of their own, in the order sent.
CREATE TABLE client_discovery (
    client_id TEXT NOT NULL REFERENCES client (client_id) ON DELETE CASCADE,
    number    INTEGER NOT NULL,
    name      TEXT NOT NULL,
    value     TEXT NOT NULL,
    PRIMARY KEY (client_id, number)
);

CREATE TABLE resource (
    resource_id INTEGER PRIMARY KEY,
    client_id   TEXT NOT NULL UNIQUE REFERENCES client (client_id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    created     TEXT NOT NULL
);

-- `client` is the SMSID, or the machine's name where a sender has none.
CREATE TABLE report (
    report_id      INTEGER PRIMARY KEY,
    client         TEXT NOT NULL,
    endpoint       TEXT NOT NULL,
    message_id     TEXT NOT NULL,
    file_type      TEXT NOT NULL,
    received       TEXT NOT NULL,
    report_content TEXT NOT NULL,
    report_type    TEXT NOT NULL,
    report_date    TEXT NOT NULL,
    report_version TEXT NOT NULL,
    report_format  TEXT NOT NULL,
    action_id      TEXT NOT NULL,
    netbios_name   TEXT NOT NULL,
    client_version TEXT NOT NULL,
    entries        INTEGER NOT NULL,
    document       BLOB NOT NULL
);
CREATE INDEX report_by_client ON report (client, endpoint, report_id);
CREATE INDEX report_by_endpoint ON report (endpoint, report_id);

CREATE TABLE report_attachment (
    report_id INTEGER NOT NULL REFERENCES report (report_id) ON DELETE CASCADE,
    number    INTEGER NOT NULL,
    name      TEXT NOT NULL,
    content   BLOB NOT NULL,
    PRIMARY KEY (report_id, number)
);

CREATE TABLE status_message (
    record_id   INTEGER PRIMARY KEY,
    client      TEXT NOT NULL,
    machine     TEXT NOT NULL,
    site        TEXT NOT NULL,
    event_class TEXT NOT NULL,
    time        TEXT NOT NULL,
    received    TEXT NOT NULL,
    message_id  TEXT NOT NULL,
    code_page   TEXT NOT NULL,
    locale_id   TEXT NOT NULL,
    document    BLOB NOT NULL
);
CREATE INDEX status_message_by_client ON status_message (client, record_id);

CREATE TABLE status_property (
    record_id INTEGER NOT NULL REFERENCES status_message (record_id) ON DELETE CASCADE,
    number    INTEGER NOT NULL,
    name      TEXT NOT NULL,
    value     TEXT NOT NULL,
    PRIMARY KEY (record_id, number)
);

CREATE TABLE status_qualifier (
    record_id INTEGER NOT NULL REFERENCES status_message (record_id) ON DELETE CASCADE,
    number    INTEGER NOT NULL,
    name      TEXT NOT NULL,
    value     TEXT NOT NULL,
    PRIMARY KEY (record_id, number)
);

CREATE TABLE quarantine (
    quarantine_id INTEGER PRIMARY KEY,
    time          TEXT NOT NULL,
    request_id    TEXT NOT NULL,
    endpoint      TEXT NOT NULL,
    client        TEXT NOT NULL,
    peer          TEXT NOT NULL,
    path          TEXT NOT NULL,
    content_type  TEXT NOT NULL,
    reason        TEXT NOT NULL,
    detail        TEXT NOT NULL,
    line          INTEGER NOT NULL,
    column_number INTEGER NOT NULL,
    size          INTEGER NOT NULL,
    sha256        TEXT NOT NULL,
    attempts      INTEGER NOT NULL,
    closed        INTEGER NOT NULL,
    raw           BLOB NOT NULL
);
CREATE INDEX quarantine_by_time ON quarantine (time, quarantine_id, size);

-- The sum of quarantine.size in one row, so that a cap costs the same however much there is.
CREATE TABLE quarantine_total (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    bytes    INTEGER NOT NULL
);
INSERT INTO quarantine_total (only_row, bytes) VALUES (1, 0);

CREATE TABLE processed_message (
    client         TEXT NOT NULL,
    message_id     TEXT NOT NULL,
    payload_sha256 TEXT NOT NULL,
    time           TEXT NOT NULL,
    PRIMARY KEY (client, message_id, payload_sha256)
);
CREATE INDEX processed_message_by_time ON processed_message (time);

-- What administrators' reports ask for, as far as the registration tells. Client_Type0: 1 computer, 3 mobile device.
CREATE VIEW v_R_System AS
SELECT
    r.resource_id    AS ResourceID,
    r.name           AS Name0,
    c.name           AS Netbios_Name0,
    NULL             AS Resource_Domain_OR_Workgr0,
    NULL             AS Full_Domain_Name0,
    c.client_id      AS SMS_Unique_Identifier0,
    1                AS Client0,
    CASE WHEN c.agent_type IN (2, 3) THEN 3 ELSE 1 END AS Client_Type0,
    c.agent_version  AS Client_Version0,
    1                AS Active0,
    0                AS Obsolete0,
    NULL             AS Operating_System_Name_and0,
    NULL             AS User_Name0,
    NULL             AS User_Domain0,
    NULLIF(c.hardware_id, '') AS Hardware_ID0,
    (SELECT MIN(d.value) FROM client_discovery d
      WHERE d.client_id = c.client_id AND lower(d.name) = 'smbiosid') AS SMBIOS_GUID0,
    NULL             AS SID0,
    NULL             AS Distinguished_Name0,
    c.first_seen     AS Creation_Date0,
    NULL             AS Last_Logon_Timestamp0
FROM resource r
JOIN client c ON c.client_id = r.client_id;
