-- SPDX-License-Identifier: Apache-2.0
-- Which classes a client has instances of, by action, and what a full report held of each ('' = a delta has touched it
-- since). With it one index of instances serves both the views, which ask for classes, and reports, which ask for a class
-- of a client: half of what a new instance costs is its place in indices. Instances of several actions are apart.

CREATE TABLE inventory_presence (
    resource_id INTEGER NOT NULL REFERENCES resource (resource_id) ON DELETE CASCADE,
    class_id    INTEGER NOT NULL REFERENCES inventory_class (class_id),
    action      TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    PRIMARY KEY (resource_id, class_id, action)
) WITHOUT ROWID;
INSERT INTO inventory_presence (resource_id, class_id, action, sha256)
SELECT DISTINCT i.resource_id, i.class_id, i.action, coalesce(h.sha256, '')
FROM inventory_instance i
LEFT JOIN inventory_class_hash h ON h.resource_id = i.resource_id AND h.class_id = i.class_id;
DROP TABLE inventory_class_hash;

CREATE TABLE inventory_instance_new (
    group_id     INTEGER PRIMARY KEY,
    resource_id  INTEGER NOT NULL,
    class_id     INTEGER NOT NULL,
    instance_key TEXT NOT NULL,
    action       TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    time_stamp   TEXT NOT NULL,
    since        TEXT NOT NULL,
    properties   TEXT NOT NULL,
    UNIQUE (class_id, resource_id, action, instance_key),
    FOREIGN KEY (resource_id, class_id, action) REFERENCES inventory_presence ON DELETE CASCADE
);
INSERT INTO inventory_instance_new
SELECT group_id, resource_id, class_id, instance_key, action, revision, time_stamp, since, properties
FROM inventory_instance;
DROP TABLE inventory_instance;
-- The views name the table and stay as they are.
PRAGMA legacy_alter_table = ON;
ALTER TABLE inventory_instance_new RENAME TO inventory_instance;
PRAGMA legacy_alter_table = OFF;
