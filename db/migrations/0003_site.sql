-- SPDX-License-Identifier: Apache-2.0
-- The ids under which computers that nobody has registered ask for policy from boot media, one for each kind of
-- processor. They are made once for the site: media carry copies of them.

CREATE TABLE unknown_machine (
    processor  TEXT PRIMARY KEY CHECK (processor IN ('x64', 'x86')),
    machine_id TEXT NOT NULL UNIQUE
);
