CREATE TABLE retention (
    pilot TEXT PRIMARY KEY,
    days INTEGER NOT NULL,
    who TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
