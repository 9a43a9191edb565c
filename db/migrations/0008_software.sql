-- SPDX-License-Identifier: Apache-2.0
-- Software inventory. Companies, products and files stand once for all clients, and go with the last client that has
-- them. Names of files and folders are compared without case, as their systems do.

INSERT INTO sequence (name, next) VALUES ('software_company', 1), ('software_product', 1), ('software_file', 1);

CREATE TABLE software_company (
    company_id INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE
);

CREATE TABLE software_product (
    product_id INTEGER PRIMARY KEY,
    company_id INTEGER NOT NULL REFERENCES software_company (company_id),
    name       TEXT NOT NULL,
    version    TEXT NOT NULL,
    language   TEXT NOT NULL,
    UNIQUE (company_id, name, version, language)
);

-- What files that say nothing of a product belong to.
INSERT INTO software_company (company_id, name) VALUES (0, '');
INSERT INTO software_product (product_id, company_id, name, version, language) VALUES (0, 0, '', '', '');

CREATE TABLE software_file (
    file_id     INTEGER PRIMARY KEY,
    name        TEXT NOT NULL COLLATE NOCASE,
    version     TEXT NOT NULL,
    description TEXT NOT NULL,
    size        INTEGER NOT NULL,
    UNIQUE (name, version, description, size)
);

-- Where a client has a file. `modified` is as sent, `reported` is the time of receipt, `others` is a JSON object of what
-- else the client says of it.
CREATE TABLE software_installed (
    resource_id INTEGER NOT NULL REFERENCES resource (resource_id) ON DELETE CASCADE,
    file_id     INTEGER NOT NULL REFERENCES software_file (file_id),
    product_id  INTEGER NOT NULL REFERENCES software_product (product_id),
    path        TEXT NOT NULL COLLATE NOCASE,
    modified    TEXT NOT NULL,
    reported    TEXT NOT NULL,
    others      TEXT NOT NULL,
    PRIMARY KEY (resource_id, file_id, product_id, path)
) WITHOUT ROWID;
CREATE INDEX software_installed_by_file ON software_installed (file_id);
CREATE INDEX software_installed_by_product ON software_installed (product_id);

CREATE VIEW v_GS_SoftwareFile AS
SELECT
    i.resource_id AS ResourceID,
    i.product_id  AS ProductId,
    f.file_id     AS FileID,
    f.name        AS FileName,
    f.description AS FileDescription,
    f.version     AS FileVersion,
    f.size        AS FileSize,
    1             AS FileCount,
    i.path        AS FilePath,
    i.modified    AS FileModifiedDate,
    NULL          AS CreationDate,
    i.reported    AS ModifiedDate
FROM software_installed i
JOIN software_file f ON f.file_id = i.file_id;

CREATE VIEW v_GS_UnknownFile AS
SELECT ResourceID, ProductId, FileID, FileName, FileSize, FileCount, FilePath, FileModifiedDate, CreationDate, ModifiedDate
FROM v_GS_SoftwareFile WHERE ProductId = 0;

CREATE VIEW v_GS_SoftwareProduct AS
SELECT DISTINCT
    i.resource_id AS ResourceID,
    p.product_id  AS ProductID,
    c.name        AS CompanyName,
    p.name        AS ProductName,
    p.version     AS ProductVersion,
    p.language    AS ProductLanguage
FROM software_installed i
JOIN software_product p ON p.product_id = i.product_id
JOIN software_company c ON c.company_id = p.company_id
WHERE i.product_id <> 0;

-- Dates of the latest reports that were loaded, as sent.
CREATE VIEW v_GS_LastSoftwareScan AS
SELECT
    r.resource_id AS ResourceID,
    (SELECT report_date FROM inventory_baseline b WHERE b.resource_id = r.resource_id AND b.action = '0002')
        AS LastScanDate,
    (SELECT report_date FROM inventory_baseline b WHERE b.resource_id = r.resource_id AND b.action = '0010')
        AS LastCollectedFileScanDate
FROM resource r
WHERE EXISTS (SELECT 1 FROM inventory_baseline b WHERE b.resource_id = r.resource_id AND b.action IN ('0002', '0010'));
