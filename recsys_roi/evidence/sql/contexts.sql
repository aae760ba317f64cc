-- Context keys as attributes to slice by and as covariates; reads placed and context_entries of counts.sql.
CREATE TEMP TABLE user_contexts AS
SELECT experiment_no, arm_no, user_no, context_no, count(*) AS requests
FROM placed
WHERE compared
GROUP BY ALL;

CREATE TEMP TABLE user_entries AS
SELECT u.experiment_no, u.arm_no, u.user_no, e.entry_no, sum(u.requests)::BIGINT AS requests
FROM user_contexts u
JOIN context_entries e ON e.context_no = u.context_no
WHERE e.key <> 'surface'
GROUP BY ALL;

CREATE TEMP TABLE user_requests AS
SELECT experiment_no, user_no, sum(requests) AS requests FROM user_contexts GROUP BY ALL;

-- A key varies where a user's requests do not all carry one value of it.
CREATE TEMP TABLE varying AS
SELECT DISTINCT u.experiment_no, e.key_no
FROM user_entries u
JOIN user_requests r ON r.experiment_no = u.experiment_no AND r.user_no = u.user_no
JOIN entries e ON e.entry_no = u.entry_no
WHERE u.requests < r.requests;

-- Versions are the treatment, and surface and session have their own meaning: none of them is a slice.
CREATE TEMP VIEW attributes AS
SELECT * FROM entries WHERE key NOT IN ('surface', 'algo_version', 'config_version', 'rules_version');

CREATE TEMP TABLE value_counts AS
SELECT u.experiment_no, a.key_no, a.entry_no, a.key, a.value, count(*) AS users
FROM user_entries u
JOIN attributes a ON a.entry_no = u.entry_no
GROUP BY ALL;

-- The user's own value at or before the first exposure: known before the treatment acts (numbers book 6).
CREATE TEMP TABLE first_entries AS
SELECT p.experiment_no, p.user_no, e.key_no, arg_min(e.entry_no, p.request_no) AS entry_no
FROM placed p
JOIN first_seen f ON f.experiment_no = p.experiment_no AND f.user_no = p.user_no AND p.ts <= f.ts
JOIN context_entries e ON e.context_no = p.context_no
GROUP BY p.experiment_no, p.user_no, e.key_no;

CREATE TEMP TABLE numbers AS
SELECT entry_no, try_cast(value AS DOUBLE) AS number
FROM attributes
WHERE regexp_matches(value, '^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?$')
  AND abs(try_cast(value AS DOUBLE)) <= 1.7976931348623157e308;

-- Keys with very many values are kept by name only, so that a slice by one can be refused with its reason.
CREATE TABLE context_keys AS
SELECT x.experiment_id, c.key, count(*) AS distinct_values, count(*) <= 1000 AS kept,
       v.key_no IS NOT NULL AS varies,
       count(n.entry_no) = count(*) AS numeric
FROM value_counts c
JOIN experiments x ON x.experiment_no = c.experiment_no
LEFT JOIN varying v ON v.experiment_no = c.experiment_no AND v.key_no = c.key_no
LEFT JOIN numbers n ON n.entry_no = c.entry_no
GROUP BY x.experiment_id, c.key, v.key_no;

CREATE TEMP TABLE kept_values AS
SELECT c.experiment_no, c.key_no, c.entry_no, k.experiment_id, c.key, c.value, c.users,
       row_number() OVER (PARTITION BY c.experiment_no, c.key_no ORDER BY c.users DESC, c.value) AS value_no
FROM value_counts c
JOIN experiments x ON x.experiment_no = c.experiment_no
JOIN context_keys k ON k.experiment_id = x.experiment_id AND k.key = c.key AND k.kept;

CREATE TABLE context_values AS
SELECT experiment_id, key, value, users, value_no FROM kept_values ORDER BY ALL;

CREATE TABLE user_context AS
SELECT v.experiment_id, v.key, f.user_no, v.value_no
FROM first_entries f
JOIN kept_values v ON v.experiment_no = f.experiment_no AND v.entry_no = f.entry_no
ORDER BY v.experiment_id, v.key, f.user_no;

CREATE TABLE user_numbers AS
SELECT x.experiment_id, a.key, f.user_no, n.number
FROM first_entries f
JOIN experiments x ON x.experiment_no = f.experiment_no
JOIN attributes a ON a.entry_no = f.entry_no
JOIN context_keys k ON k.experiment_id = x.experiment_id AND k.key = a.key AND k.numeric
JOIN numbers n ON n.entry_no = f.entry_no
ORDER BY x.experiment_id, a.key, f.user_no;

CREATE TABLE request_context AS
SELECT v.experiment_id, v.key, p.request_no, v.value_no
FROM placed p
JOIN context_entries e ON e.context_no = p.context_no
JOIN kept_values v ON v.experiment_no = p.experiment_no AND v.entry_no = e.entry_no
JOIN varying y ON y.experiment_no = p.experiment_no AND y.key_no = e.key_no
WHERE p.compared
ORDER BY v.experiment_id, v.key, p.request_no;
