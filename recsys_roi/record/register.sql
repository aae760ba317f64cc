ALTER TABLE attestations ADD COLUMN done_on TEXT;

ALTER TABLE attestations ADD COLUMN amount REAL;

CREATE TABLE duties (
    pilot TEXT NOT NULL,
    risk TEXT NOT NULL,
    owner TEXT NOT NULL,
    due TEXT,
    who TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (pilot, risk)
) STRICT;

CREATE TABLE own_risks (
    id INTEGER PRIMARY KEY,
    pilot TEXT NOT NULL,
    title TEXT NOT NULL,
    family TEXT NOT NULL,
    status TEXT NOT NULL,
    evidence TEXT NOT NULL,
    mitigation TEXT NOT NULL,
    escalation TEXT NOT NULL,
    who TEXT NOT NULL,
    at TEXT NOT NULL,
    withdrawn TEXT
) STRICT;
