CREATE TABLE scenarios (
    pilot TEXT NOT NULL,
    name TEXT NOT NULL,
    settings TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    version INTEGER NOT NULL,
    who TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (pilot, name)
) STRICT;

CREATE TABLE plans (
    id INTEGER PRIMARY KEY,
    pilot TEXT NOT NULL,
    settings TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    who TEXT NOT NULL,
    why TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;

CREATE TABLE attestations (
    id INTEGER PRIMARY KEY,
    pilot TEXT NOT NULL,
    kind TEXT NOT NULL,
    who TEXT NOT NULL,
    at TEXT NOT NULL,
    note TEXT NOT NULL,
    link TEXT NOT NULL,
    expires TEXT,
    withdrawn TEXT
) STRICT;

CREATE TABLE waivers (
    id INTEGER PRIMARY KEY,
    pilot TEXT NOT NULL,
    guardrail TEXT NOT NULL,
    who TEXT NOT NULL,
    why TEXT NOT NULL,
    at TEXT NOT NULL,
    up_to REAL,
    expires TEXT,
    withdrawn TEXT
) STRICT;

CREATE TABLE changes (
    id INTEGER PRIMARY KEY,
    pilot TEXT NOT NULL,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;

CREATE INDEX changes_of_pilot ON changes (pilot, id);
