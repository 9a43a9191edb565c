-- SPDX-License-Identifier: Apache-2.0
-- The history of states is what small posts write most of. It counts its rows by itself, where a sequence would be one
-- more row to write. And it goes with its resource by a trigger: a foreign key is looked up for each row, and makes SQLite
-- keep copies of the pages that a statement writes.

DELETE FROM sequence WHERE name = 'state_history';

ALTER TABLE state_history RENAME TO history_before;
DROP INDEX state_history_by_resource;
CREATE TABLE state_history (
    history_id    INTEGER PRIMARY KEY,
    resource_id   INTEGER NOT NULL,
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
SELECT history_id, resource_id, topic_type, topic_id, topic_id_type, state_id, state_time, criticality, serial, epoch,
    received, detail_type, details, flags, parameters, user_name, user_sid, superseded
FROM history_before;
DROP TABLE history_before;
CREATE INDEX state_history_by_resource ON state_history (resource_id);

CREATE TRIGGER state_history_of_resource AFTER DELETE ON resource BEGIN
    DELETE FROM state_history WHERE resource_id = old.resource_id;
END;
