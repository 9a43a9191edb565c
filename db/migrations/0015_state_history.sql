-- SPDX-License-Identifier: Apache-2.0
-- Small posts are what clients send most, so what one writes lies in as few places as can be. Current states stand apart
-- from those of before: a state that takes another's place is written over it, and the other is added at the end of the
-- history. Marks of processed messages stand in their index alone.

DROP VIEW v_StateMessage;
DROP INDEX state_message_current;
DROP INDEX state_message_by_resource;
DROP INDEX state_message_by_age;
ALTER TABLE state_message RENAME TO state_taken;

CREATE TABLE state_message (
    resource_id   INTEGER NOT NULL REFERENCES resource (resource_id) ON DELETE CASCADE,
    topic_type    INTEGER NOT NULL,
    topic_id      TEXT NOT NULL COLLATE NOCASE,
    topic_id_type INTEGER NOT NULL,
    state_id      INTEGER NOT NULL,
    state_time    TEXT NOT NULL,
    criticality   INTEGER NOT NULL,
    serial        INTEGER,
    epoch         INTEGER NOT NULL,
    received      TEXT NOT NULL,
    detail_type   INTEGER NOT NULL,
    details       TEXT NOT NULL,
    flags         INTEGER NOT NULL,
    parameters    TEXT NOT NULL,
    user_name     TEXT NOT NULL,
    user_sid      TEXT NOT NULL,
    PRIMARY KEY (resource_id, topic_type, topic_id)
) WITHOUT ROWID;
INSERT INTO state_message
SELECT resource_id, topic_type, topic_id, topic_id_type, state_id, state_time, criticality, serial, epoch, received,
    detail_type, details, flags, parameters, user_name, user_sid
FROM state_taken WHERE is_current = 1;

-- `history_id` is in the order in which states ceased to be current, or came too late to become it; `superseded` is when.
CREATE TABLE state_history (
    history_id    INTEGER PRIMARY KEY,
    resource_id   INTEGER NOT NULL REFERENCES resource (resource_id) ON DELETE CASCADE,
    topic_type    INTEGER NOT NULL,
    topic_id      TEXT NOT NULL COLLATE NOCASE,
    topic_id_type INTEGER NOT NULL,
    state_id      INTEGER NOT NULL,
    state_time    TEXT NOT NULL,
    criticality   INTEGER NOT NULL,
    serial        INTEGER,
    epoch         INTEGER NOT NULL,
    received      TEXT NOT NULL,
    detail_type   INTEGER NOT NULL,
    details       TEXT NOT NULL,
    flags         INTEGER NOT NULL,
    parameters    TEXT NOT NULL,
    user_name     TEXT NOT NULL,
    user_sid      TEXT NOT NULL,
    superseded    TEXT NOT NULL
);
INSERT INTO state_history
SELECT message_id, resource_id, topic_type, topic_id, topic_id_type, state_id, state_time, criticality, serial, epoch,
    received, detail_type, details, flags, parameters, user_name, user_sid, received
FROM state_taken WHERE is_current = 0;
CREATE INDEX state_history_by_resource ON state_history (resource_id);

DROP TABLE state_taken;
UPDATE sequence SET name = 'state_history' WHERE name = 'state_message';

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
FROM state_message;

ALTER TABLE processed_message RENAME TO processed_before;
DROP INDEX processed_message_by_time;
CREATE TABLE processed_message (
    client         TEXT NOT NULL,
    message_id     TEXT NOT NULL,
    payload_sha256 TEXT NOT NULL,
    time           TEXT NOT NULL,
    PRIMARY KEY (client, message_id, payload_sha256)
) WITHOUT ROWID;
INSERT INTO processed_message SELECT client, message_id, payload_sha256, time FROM processed_before;
DROP TABLE processed_before;
CREATE INDEX processed_message_by_time ON processed_message (time);
