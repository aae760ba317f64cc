CREATE TABLE members (
    pilot TEXT NOT NULL,
    key TEXT NOT NULL,
    person TEXT NOT NULL,
    role TEXT NOT NULL,
    who TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (pilot, key)
) STRICT;

CREATE INDEX pilots_of_member ON members (key);
