-- SPDX-License-Identifier: Apache-2.0
-- Status messages in the form that status viewers show: what a message's class, properties and qualifiers say of it.
-- Numbers are those of status records; `happened` is the message's own time, or that of its receipt where it has none that
-- can be read.

ALTER TABLE status_message ADD COLUMN severity       INTEGER NOT NULL DEFAULT 1073741824;
ALTER TABLE status_message ADD COLUMN message_type   INTEGER NOT NULL DEFAULT 256;
ALTER TABLE status_message ADD COLUMN message_number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE status_message ADD COLUMN module         TEXT NOT NULL DEFAULT 'SMS Client';
ALTER TABLE status_message ADD COLUMN component      TEXT NOT NULL DEFAULT '';
ALTER TABLE status_message ADD COLUMN top_site       TEXT NOT NULL DEFAULT '';
ALTER TABLE status_message ADD COLUMN process_id     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE status_message ADD COLUMN thread_id      INTEGER NOT NULL DEFAULT 0;
ALTER TABLE status_message ADD COLUMN win32_error    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE status_message ADD COLUMN happened       TEXT NOT NULL DEFAULT '';
ALTER TABLE status_message ADD COLUMN description    TEXT NOT NULL DEFAULT '';
UPDATE status_message SET happened = received;
CREATE INDEX status_message_by_age ON status_message (message_type, received);

-- Positions count from 0; those that a message leaves empty are there up to the last.
CREATE TABLE status_string (
    record_id INTEGER NOT NULL REFERENCES status_message (record_id) ON DELETE CASCADE,
    number    INTEGER NOT NULL,
    value     TEXT NOT NULL,
    PRIMARY KEY (record_id, number)
) WITHOUT ROWID;

CREATE TABLE status_attribute (
    record_id    INTEGER NOT NULL REFERENCES status_message (record_id) ON DELETE CASCADE,
    number       INTEGER NOT NULL,
    attribute_id INTEGER NOT NULL,
    value        TEXT NOT NULL,
    PRIMARY KEY (record_id, number)
) WITHOUT ROWID;

CREATE VIEW v_StatusMessage AS
SELECT
    record_id      AS RecordID,
    module         AS ModuleName,
    severity       AS Severity,
    message_number AS MessageID,
    message_type   AS MessageType,
    site           AS SiteCode,
    top_site       AS TopLevelSiteCode,
    machine        AS MachineName,
    component      AS Component,
    process_id     AS ProcessID,
    thread_id      AS ThreadID,
    win32_error    AS Win32Error,
    happened       AS Time,
    event_class    AS EventClass
FROM status_message;

CREATE VIEW v_StatMsgInsStrings AS
SELECT record_id AS RecordID, number AS InsStrIndex, value AS InsStrValue FROM status_string;

CREATE VIEW v_StatMsgAttributes AS
SELECT record_id AS RecordID, attribute_id AS AttributeID, value AS AttributeValue FROM status_attribute;
