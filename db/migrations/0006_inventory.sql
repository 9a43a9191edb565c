-- SPDX-License-Identifier: Apache-2.0
-- Inventory: instances of classes as clients report them, their states of before, and how far each client's reports have
-- come. `action` is the last four digits of the inventory action's id, as text ("0001" hardware).

INSERT INTO sequence (name, next) VALUES ('inventory_class', 1), ('inventory_instance', 1);

-- Views v_GS_<group_name> and v_HS_<group_name> show the classes of a group, a column for each row of inventory_column.
-- `shares` is 1 for documented classes: two of one name in reports have one group.
CREATE TABLE inventory_class (
    class_id   INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE COLLATE NOCASE,
    group_name TEXT NOT NULL,
    shares     INTEGER NOT NULL
);
CREATE INDEX inventory_class_by_group ON inventory_class (group_name);

CREATE TABLE inventory_column (
    group_name  TEXT NOT NULL,
    number      INTEGER NOT NULL,
    property    TEXT NOT NULL,
    column_name TEXT NOT NULL COLLATE NOCASE,
    PRIMARY KEY (group_name, number),
    UNIQUE (group_name, property),
    UNIQUE (group_name, column_name)
);

-- `properties` is a JSON object in the order sent: a text each, or an array of texts. `since` and `until` are times of
-- receipt, `time_stamp` is when the client says that it looked. group_id and revision together are never given again.
CREATE TABLE inventory_instance (
    group_id     INTEGER PRIMARY KEY,
    resource_id  INTEGER NOT NULL REFERENCES resource (resource_id) ON DELETE CASCADE,
    class_id     INTEGER NOT NULL REFERENCES inventory_class (class_id),
    instance_key TEXT NOT NULL,
    action       TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    time_stamp   TEXT NOT NULL,
    since        TEXT NOT NULL,
    properties   TEXT NOT NULL,
    UNIQUE (resource_id, class_id, instance_key)
);
CREATE INDEX inventory_instance_by_class ON inventory_instance (class_id);

CREATE TABLE inventory_history (
    group_id     INTEGER NOT NULL,
    revision     INTEGER NOT NULL,
    resource_id  INTEGER NOT NULL REFERENCES resource (resource_id) ON DELETE CASCADE,
    class_id     INTEGER NOT NULL REFERENCES inventory_class (class_id),
    instance_key TEXT NOT NULL,
    action       TEXT NOT NULL,
    time_stamp   TEXT NOT NULL,
    since        TEXT NOT NULL,
    until        TEXT NOT NULL,
    deleted      INTEGER NOT NULL,
    properties   TEXT NOT NULL,
    PRIMARY KEY (group_id, revision)
) WITHOUT ROWID;
CREATE INDEX inventory_history_by_resource ON inventory_history (resource_id, class_id);
CREATE INDEX inventory_history_by_class ON inventory_history (class_id);
CREATE INDEX inventory_history_by_age ON inventory_history (until);

-- What a class of a client held after the latest full report, as long as no delta touched it.
CREATE TABLE inventory_class_hash (
    resource_id INTEGER NOT NULL REFERENCES resource (resource_id) ON DELETE CASCADE,
    class_id    INTEGER NOT NULL REFERENCES inventory_class (class_id),
    sha256      TEXT NOT NULL,
    PRIMARY KEY (resource_id, class_id)
) WITHOUT ROWID;

-- The latest report that was loaded.
CREATE TABLE inventory_baseline (
    resource_id INTEGER NOT NULL REFERENCES resource (resource_id) ON DELETE CASCADE,
    action      TEXT NOT NULL,
    major       INTEGER NOT NULL,
    minor       INTEGER NOT NULL,
    report_date TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    loaded      TEXT NOT NULL,
    PRIMARY KEY (resource_id, action)
) WITHOUT ROWID;

-- A full report that was asked for and has not come yet.
CREATE TABLE inventory_resync (
    resource_id INTEGER NOT NULL REFERENCES resource (resource_id) ON DELETE CASCADE,
    action      TEXT NOT NULL,
    reason      TEXT NOT NULL,
    requested   TEXT NOT NULL,
    PRIMARY KEY (resource_id, action)
) WITHOUT ROWID;
