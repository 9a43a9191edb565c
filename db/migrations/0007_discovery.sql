-- SPDX-License-Identifier: Apache-2.0
-- The latest discovery record of each resource. Times are as sent, `received` is of this site.
CREATE TABLE discovery (
    resource_id      INTEGER PRIMARY KEY REFERENCES resource (resource_id) ON DELETE CASCADE,
    report_date      TEXT NOT NULL,
    received         TEXT NOT NULL,
    netbios_name     TEXT NOT NULL,
    client_installed TEXT NOT NULL,
    client_type      TEXT NOT NULL
);

-- Every property of every class of it, in the order sent; an array has a row for each value.
CREATE TABLE discovery_property (
    resource_id INTEGER NOT NULL REFERENCES discovery (resource_id) ON DELETE CASCADE,
    class_name  TEXT NOT NULL COLLATE NOCASE,
    number      INTEGER NOT NULL,
    instance    INTEGER NOT NULL,
    name        TEXT NOT NULL COLLATE NOCASE,
    value       TEXT NOT NULL,
    PRIMARY KEY (resource_id, class_name, number)
) WITHOUT ROWID;

-- What the client's own classes fill of the resource, under the names that reports know. A record may also come in terms
-- of the resource class itself.
CREATE TABLE discovery_mapping (
    property   TEXT NOT NULL,
    precedence INTEGER NOT NULL,
    class_name TEXT NOT NULL COLLATE NOCASE,
    name       TEXT NOT NULL COLLATE NOCASE,
    PRIMARY KEY (property, precedence)
) WITHOUT ROWID;
INSERT INTO discovery_mapping (property, precedence, class_name, name) VALUES
    ('Domain',          1, 'CCM_ComputerSystem',                   'Domain'),
    ('Domain',          2, 'SMS_R_System',                         'ResourceDomainORWorkgroup'),
    ('FullDomain',      1, 'SMS_R_System',                         'FullDomainName'),
    ('ClientVersion',   1, 'CCM_Client',                           'ClientVersion'),
    ('ClientVersion',   2, 'SMS_R_System',                         'ClientVersion'),
    ('Site',            1, 'SMS_Authority',                        'Name'),
    ('Site',            2, 'SMS_R_System',                         'SMSAssignedSites'),
    ('ADSite',          1, 'CCM_ADSiteInfo',                       'ADSiteName'),
    ('ADSite',          2, 'SMS_R_System',                         'ADSiteName'),
    ('ResourceName',    1, 'CCM_ExtNetworkAdapterConfiguration',   'FQDN'),
    ('ResourceName',    2, 'SMS_R_System',                         'ResourceNames'),
    ('SMBIOSGUID',      1, 'Win32_ComputerSystemProduct',          'UUID'),
    ('SMBIOSGUID',      2, 'SMS_R_System',                         'SMBIOSGUID'),
    ('OperatingSystem', 1, 'CCM_DiscoveryData',                    'PlatformID'),
    ('OperatingSystem', 2, 'SMS_R_System',                         'OperatingSystemNameandVersion'),
    ('IPSubnet',        1, 'CCM_NetworkAdapterConfiguration',      'IPSubnet'),
    ('IPSubnet',        2, 'SMS_R_System',                         'IPSubnets'),
    ('IPAddress',       1, 'Win32_NetworkAdapterConfiguration',    'IPAddress'),
    ('IPAddress',       2, 'SMS_R_System',                         'IPAddresses'),
    ('MACAddress',      1, 'Win32_NetworkAdapterConfiguration',    'MACAddress'),
    ('MACAddress',      2, 'SMS_R_System',                         'MACAddresses'),
    ('MACAddress',      3, 'SMS_R_System',                         'MACAddress'),
    ('User',            1, 'SMS_R_System',                         'LastLogonUserName'),
    ('UserDomain',      1, 'SMS_R_System',                         'LastLogonUserDomain'),
    ('SID',             1, 'SMS_R_System',                         'SID'),
    ('DN',              1, 'SMS_R_System',                         'DistinguishedName'),
    ('LastLogon',       1, 'SMS_R_System',                         'LastLogonTimestamp');

CREATE VIEW discovered AS
SELECT p.resource_id, m.property, m.precedence, p.number, p.value
FROM discovery_property p
JOIN discovery_mapping m ON m.class_name = p.class_name AND m.name = p.name
WHERE p.value <> '';

-- The registration counts where no record says more.
DROP VIEW v_R_System;
CREATE VIEW v_R_System AS
SELECT
    r.resource_id    AS ResourceID,
    r.name           AS Name0,
    coalesce(nullif(d.netbios_name, ''), c.name) AS Netbios_Name0,
    (SELECT value FROM discovered x WHERE x.resource_id = r.resource_id AND x.property = 'Domain'
      ORDER BY precedence, number LIMIT 1) AS Resource_Domain_OR_Workgr0,
    (SELECT value FROM discovered x WHERE x.resource_id = r.resource_id AND x.property = 'FullDomain'
      ORDER BY precedence, number LIMIT 1) AS Full_Domain_Name0,
    c.client_id      AS SMS_Unique_Identifier0,
    CASE d.client_installed WHEN '0' THEN 0 ELSE 1 END AS Client0,
    CASE WHEN d.client_type IN ('0', '1', '3') THEN CAST(d.client_type AS INTEGER)
         WHEN c.agent_type IN (2, 3) THEN 3 ELSE 1 END AS Client_Type0,
    coalesce((SELECT value FROM discovered x WHERE x.resource_id = r.resource_id AND x.property = 'ClientVersion'
      ORDER BY precedence, number LIMIT 1), c.agent_version) AS Client_Version0,
    1                AS Active0,
    0                AS Obsolete0,
    (SELECT value FROM discovered x WHERE x.resource_id = r.resource_id AND x.property = 'OperatingSystem'
      ORDER BY precedence, number LIMIT 1) AS Operating_System_Name_and0,
    (SELECT value FROM discovered x WHERE x.resource_id = r.resource_id AND x.property = 'User'
      ORDER BY precedence, number LIMIT 1) AS User_Name0,
    (SELECT value FROM discovered x WHERE x.resource_id = r.resource_id AND x.property = 'UserDomain'
      ORDER BY precedence, number LIMIT 1) AS User_Domain0,
    NULLIF(c.hardware_id, '') AS Hardware_ID0,
    coalesce((SELECT value FROM discovered x WHERE x.resource_id = r.resource_id AND x.property = 'SMBIOSGUID'
      ORDER BY precedence, number LIMIT 1),
     (SELECT MIN(e.value) FROM client_discovery e
      WHERE e.client_id = c.client_id AND lower(e.name) = 'smbiosid')) AS SMBIOS_GUID0,
    (SELECT value FROM discovered x WHERE x.resource_id = r.resource_id AND x.property = 'SID'
      ORDER BY precedence, number LIMIT 1) AS SID0,
    (SELECT value FROM discovered x WHERE x.resource_id = r.resource_id AND x.property = 'DN'
      ORDER BY precedence, number LIMIT 1) AS Distinguished_Name0,
    c.first_seen     AS Creation_Date0,
    (SELECT value FROM discovered x WHERE x.resource_id = r.resource_id AND x.property = 'LastLogon'
      ORDER BY precedence, number LIMIT 1) AS Last_Logon_Timestamp0,
    (SELECT value FROM discovered x WHERE x.resource_id = r.resource_id AND x.property = 'ADSite'
      ORDER BY precedence, number LIMIT 1) AS AD_Site_Name0
FROM resource r
JOIN client c ON c.client_id = r.client_id
LEFT JOIN discovery d ON d.resource_id = r.resource_id;

CREATE VIEW v_RA_System_IPAddresses AS
SELECT DISTINCT resource_id AS ResourceID, value AS IP_Addresses0 FROM discovered WHERE property = 'IPAddress';
CREATE VIEW v_RA_System_IPSubnets AS
SELECT DISTINCT resource_id AS ResourceID, value AS IP_Subnets0 FROM discovered WHERE property = 'IPSubnet';
CREATE VIEW v_RA_System_MACAddresses AS
SELECT DISTINCT resource_id AS ResourceID, value AS MAC_Addresses0 FROM discovered WHERE property = 'MACAddress';
CREATE VIEW v_RA_System_ResourceNames AS
SELECT DISTINCT resource_id AS ResourceID, value AS Resource_Names0 FROM discovered WHERE property = 'ResourceName';
-- `SMS:LAB` is the site LAB.
CREATE VIEW v_RA_System_SMSAssignedSites AS
SELECT DISTINCT resource_id AS ResourceID,
    CASE WHEN upper(substr(value, 1, 4)) = 'SMS:' THEN substr(value, 5) ELSE value END AS SMS_Assigned_Sites0
FROM discovered WHERE property = 'Site';
