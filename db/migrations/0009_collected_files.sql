-- SPDX-License-Identifier: Apache-2.0
-- Copies of files that clients send. The bytes lie outside the database, in the directory `files` of the site under their
-- SHA-256; a row that names some is committed after they are durable there.

-- The directory, as the daemon uses it.
ALTER TABLE site ADD COLUMN files TEXT NOT NULL DEFAULT '';

-- The kept revisions of each file. `modified` is as sent, `collected` is the time of receipt. `sha256` is NULL where the
-- bytes were not kept; `remark` says why.
CREATE TABLE collected_file (
    resource_id INTEGER NOT NULL REFERENCES resource (resource_id) ON DELETE CASCADE,
    path        TEXT NOT NULL COLLATE NOCASE,
    name        TEXT NOT NULL COLLATE NOCASE,
    revision    INTEGER NOT NULL,
    size        INTEGER NOT NULL,
    modified    TEXT NOT NULL,
    collected   TEXT NOT NULL,
    sha256      TEXT,
    remark      TEXT NOT NULL,
    PRIMARY KEY (resource_id, path, name, revision)
) WITHOUT ROWID;
CREATE INDEX collected_file_by_content ON collected_file (sha256);

-- Files of the directory that no row named when they were looked at. They are removed some time later, unless a row has
-- come to name them and took the mark away.
INSERT INTO sequence (name, next) VALUES ('unused_content', 1);
CREATE TABLE unused_content (
    mark_id INTEGER PRIMARY KEY,
    sha256  TEXT NOT NULL UNIQUE
);

CREATE VIEW v_GS_CollectedFile AS
SELECT
    f.resource_id AS ResourceID,
    f.name        AS FileName,
    f.path        AS FilePath,
    f.size        AS FileSize,
    f.revision    AS RevisionID,
    f.collected   AS CollectionDate,
    f.modified    AS FileModifiedDate,
    (SELECT files FROM site) || '/' || substr(f.sha256, 1, 2) || '/' || f.sha256 AS LocalFilePath
FROM collected_file f;
