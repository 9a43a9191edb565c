-- SPDX-License-Identifier: Apache-2.0
-- Software metering: one row for each usage, as the report with its latest end had it. Files that were used stand once for
-- all clients. Times are UTC; `status` holds the documented bits (1 still running, 2 start and 4 end estimated, 8 terminal
-- session).

INSERT INTO sequence (name, next) VALUES ('metered_file', 1);

CREATE TABLE metered_file (
    file_id     INTEGER PRIMARY KEY,
    name        TEXT NOT NULL COLLATE NOCASE,
    version     TEXT NOT NULL,
    description TEXT NOT NULL,
    size        INTEGER NOT NULL,
    company     TEXT NOT NULL,
    product     TEXT NOT NULL,
    product_version  TEXT NOT NULL,
    product_language TEXT NOT NULL,
    UNIQUE (name, version, description, size, company, product, product_version, product_language)
);

CREATE TABLE metering_usage (
    resource_id   INTEGER NOT NULL REFERENCES resource (resource_id) ON DELETE CASCADE,
    meter_data_id TEXT NOT NULL COLLATE NOCASE,
    file_id       INTEGER NOT NULL REFERENCES metered_file (file_id),
    user_name     TEXT NOT NULL,
    start_time    TEXT NOT NULL,
    end_time      TEXT NOT NULL,
    status        INTEGER NOT NULL,
    received      TEXT NOT NULL,
    PRIMARY KEY (resource_id, meter_data_id)
) WITHOUT ROWID;
CREATE INDEX metering_usage_by_file ON metering_usage (file_id);
CREATE INDEX metering_usage_by_age ON metering_usage (received);

CREATE VIEW v_MeterData AS
SELECT
    u.resource_id          AS ResourceID,
    u.meter_data_id        AS MeterDataID,
    u.file_id              AS FileID,
    f.name                 AS FileName,
    f.version              AS FileVersion,
    f.product              AS ProductName,
    u.user_name            AS UserName,
    u.start_time           AS StartTime,
    u.end_time             AS EndTime,
    u.status & 1           AS StillRunning,
    (u.status & 8) / 8     AS InTSSession
FROM metering_usage u
JOIN metered_file f ON f.file_id = u.file_id;

-- A usage counts for the month in which it began. UsageCount is of console sessions, UsageTime in seconds of all.
CREATE VIEW v_MonthlyUsageSummary AS
SELECT
    ResourceID,
    FileName,
    CAST(substr(StartTime, 1, 4) AS INTEGER)                     AS Year,
    CAST(substr(StartTime, 6, 2) AS INTEGER)                     AS Month,
    sum(1 - InTSSession)                                         AS UsageCount,
    sum(InTSSession)                                             AS TSUsageCount,
    CAST(round(sum(max(0, (julianday(EndTime) - julianday(StartTime)) * 86400))) AS INTEGER) AS UsageTime,
    max(EndTime)                                                 AS LastUsage
FROM v_MeterData
GROUP BY ResourceID, FileName, Year, Month;
