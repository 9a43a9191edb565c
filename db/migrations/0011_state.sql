-- SPDX-License-Identifier: Apache-2.0
-- State messages: every one that was taken, the current one of each topic marked. `serial` is NULL where the message had
-- none. A client that begins its serial numbers anew begins another epoch. `state_time` is when the client says it was,
-- `parameters` a JSON array of texts.

INSERT INTO sequence (name, next) VALUES ('state_message', 1);

CREATE TABLE state_message (
    message_id    INTEGER PRIMARY KEY,
    resource_id   INTEGER NOT NULL REFERENCES resource (resource_id) ON DELETE CASCADE,
    topic_type    INTEGER NOT NULL,
    topic_id      TEXT NOT NULL COLLATE NOCASE,
    topic_id_type INTEGER NOT NULL,
    state_id      INTEGER NOT NULL,
    state_time    TEXT NOT NULL,
    criticality   INTEGER NOT NULL,
    serial        INTEGER,
    epoch         INTEGER NOT NULL,
    is_current    INTEGER NOT NULL,
    received      TEXT NOT NULL,
    detail_type   INTEGER NOT NULL,
    details       TEXT NOT NULL,
    flags         INTEGER NOT NULL,
    parameters    TEXT NOT NULL,
    user_name     TEXT NOT NULL,
    user_sid      TEXT NOT NULL
);
CREATE UNIQUE INDEX state_message_current ON state_message (resource_id, topic_type, topic_id) WHERE is_current = 1;
CREATE INDEX state_message_by_resource ON state_message (resource_id);
CREATE INDEX state_message_by_age ON state_message (received) WHERE is_current = 0;

-- How far each client's serial numbers have come. `resync_serial` is the newest one when all states were asked for, NULL
-- where they were not.
CREATE TABLE state_sequence (
    resource_id   INTEGER PRIMARY KEY REFERENCES resource (resource_id) ON DELETE CASCADE,
    epoch         INTEGER NOT NULL,
    newest        INTEGER NOT NULL,
    newest_time   TEXT NOT NULL,
    resync_serial INTEGER
);

-- Serial numbers of the epoch that have not come.
CREATE TABLE state_gap (
    resource_id INTEGER NOT NULL REFERENCES state_sequence (resource_id) ON DELETE CASCADE,
    first       INTEGER NOT NULL,
    last        INTEGER NOT NULL,
    noticed     TEXT NOT NULL,
    PRIMARY KEY (resource_id, first)
) WITHOUT ROWID;
CREATE INDEX state_gap_by_age ON state_gap (noticed);

CREATE TABLE state_topic (
    topic_type INTEGER PRIMARY KEY,
    name       TEXT NOT NULL
);
INSERT INTO state_topic (topic_type, name) VALUES
    (100, 'State migration'), (200, 'Network access protection'), (300, 'Update compliance'),
    (301, 'Assignment enforcement'), (302, 'Assignment evaluation'), (400, 'Update detection of a CI'),
    (401, 'Configuration item compliance'), (402, 'CI enforcement'), (403, 'Configuration item scan'),
    (500, 'Update detection'), (501, 'Update source scan'), (502, 'Update source synchronisation'),
    (600, 'Network boot'), (700, 'Resync of state messages'), (701, 'System heartbeat'), (702, 'Client key data update'),
    (800, 'Client deployment'), (801, 'Device client deployment'), (900, 'Branch distribution point'),
    (901, 'Distribution point job'), (902, 'Pull distribution point job'), (903, 'Distribution point job'),
    (1000, 'Client framework: communication'), (1001, 'Client framework: local'), (1002, 'Device framework'),
    (1003, 'Device framework'), (1004, 'Device framework'), (1100, 'Native-mode readiness'), (1300, 'Client health'),
    (1500, 'CAL tracking: user'), (1501, 'CAL tracking: user'), (1502, 'CAL tracking: device'),
    (1503, 'CAL tracking: device'), (1600, 'User affinity'), (1700, 'Application'), (1701, 'Application'),
    (1702, 'Application enforcement'), (1703, 'Application'), (1704, 'Application'), (7201, 'Peer cache source');

CREATE TABLE state_name (
    topic_type INTEGER NOT NULL,
    state_id   INTEGER NOT NULL,
    name       TEXT NOT NULL,
    PRIMARY KEY (topic_type, state_id)
) WITHOUT ROWID;
INSERT INTO state_name (topic_type, state_id, name) VALUES
    (300, 0, 'Unknown'), (300, 1, 'Compliant'), (300, 2, 'Non-compliant'), (300, 3, 'Conflict detected'),
    (301, 0, 'Unknown'), (301, 1, 'Installing'), (301, 2, 'Waiting for restart'),
    (301, 3, 'Waiting for another installation'), (301, 4, 'Success'), (301, 5, 'Restart pending'), (301, 6, 'Failed'),
    (301, 7, 'Downloading'), (301, 8, 'Downloaded'), (301, 9, 'Download failed'),
    (301, 10, 'Waiting for maintenance window'), (301, 11, 'Waiting for orchestration'), (301, 12, 'Superseded'),
    (302, 0, 'Unknown'), (302, 1, 'Activated'), (302, 2, 'Succeeded'), (302, 3, 'Failed'),
    (400, 0, 'Unknown'), (400, 1, 'Not required'), (400, 2, 'Missing'), (400, 3, 'Present'),
    (401, 0, 'Unknown'), (401, 1, 'Compliant'), (401, 2, 'Non-compliant'), (401, 3, 'Conflict detected'), (401, 4, 'Error'),
    (401, 5, 'Sources differ'), (401, 6, 'Sources differ'), (401, 7, 'Sources differ'),
    (402, 0, 'Unknown'), (402, 1, 'Started'), (402, 2, 'Waiting for content'),
    (402, 3, 'Waiting for another installation'), (402, 4, 'Waiting for maintenance window'),
    (402, 5, 'Restart needed first'), (402, 6, 'General failure'), (402, 7, 'Installation pending'),
    (402, 8, 'Installing'), (402, 9, 'Restart pending'), (402, 10, 'Success'), (402, 11, 'Failed'),
    (402, 12, 'Downloading'), (402, 13, 'Downloaded'), (402, 14, 'Download failed'),
    (500, 0, 'Unknown'), (500, 1, 'Not required'), (500, 2, 'Required'), (500, 3, 'Installed'),
    (501, 0, 'Unknown'), (501, 1, 'Waiting for content'), (501, 2, 'Running'), (501, 3, 'Complete'),
    (501, 4, 'Retry pending'), (501, 5, 'Failed'), (501, 6, 'Complete with errors'),
    (800, 100, 'Setup started'), (800, 101, 'Waiting for download'), (800, 102, 'Scheduled'),
    (800, 103, 'Waiting for maintenance window'), (800, 104, 'Skipped'), (800, 301, 'Unknown failure'),
    (800, 302, 'Service could not be created'), (800, 303, 'Service could not be deleted'),
    (800, 304, 'Write filter is on'), (800, 305, 'Native mode is not supported by the operating system'),
    (800, 306, 'Download of setup could not be started'), (800, 307, 'Command line is not valid'),
    (800, 308, 'Download by WinHTTP failed'), (800, 309, 'Download by BITS failed'),
    (800, 310, 'BITS could not be installed'), (800, 311, 'Prerequisite could not be verified or installed'),
    (800, 312, 'Disk is full'), (800, 313, 'client.msi failed'), (800, 314, 'Manifest could not be loaded'),
    (800, 315, 'Client certificate cannot be used'), (800, 316, 'Prerequisite is not signed'),
    (800, 317, 'Restart is required'), (800, 318, 'Versions of management point and client differ'),
    (800, 319, 'Operating system is not supported'), (800, 320, 'Upgrade is not supported'), (800, 400, 'Success'),
    (800, 401, 'Success, restart is required'), (800, 402, 'Success, restart is done'),
    (800, 500, 'Assignment started'), (800, 601, 'Assignment failed'), (800, 602, 'Site code is not valid'),
    (800, 603, 'Assignment to the management point failed'),
    (800, 604, 'Default management point was not found'),
    (800, 605, 'Site signing certificate could not be downloaded'), (800, 606, 'Automatic assignment failed'),
    (800, 607, 'Client is newer than the site'), (800, 608, 'Version of the site could not be checked'),
    (800, 609, 'Version of the client could not be checked'), (800, 700, 'Assigned'),
    (900, 1, 'Disk space'),
    (1000, 1, 'Communication works'), (1000, 2, 'Communication failed'),
    (1001, 1, 'Certificate is in order'), (1001, 2, 'Certificate failed'),
    (1100, 1, 'Not ready'), (1100, 2, 'Ready'), (1300, 1, 'Success'), (1300, 2, 'Failure'),
    (1600, 1, 'Set'), (1600, 2, 'Removed');

CREATE VIEW v_StateMessage AS
SELECT
    resource_id   AS ResourceID,
    topic_type    AS TopicType,
    topic_id      AS TopicID,
    topic_id_type AS TopicIDType,
    state_id      AS StateID,
    state_time    AS StateTime,
    criticality   AS Criticality,
    serial        AS SerialNumber
FROM state_message WHERE is_current = 1;

CREATE VIEW v_StateNames AS
SELECT topic_type AS TopicType, state_id AS StateID, name AS StateName FROM state_name;
