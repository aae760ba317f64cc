-- Context keys as attributes to slice by and as covariates; reads placed of counts.sql.
DROP TABLE assigned;
DROP TABLE arm_users;
DROP TABLE shown;
DROP TABLE distinct_outcomes;

CREATE TEMP VIEW entries AS
SELECT p.experiment_id, p.variant, p.user_no, p.request_no, unnest(map_entries(x.context)) AS entry
FROM placed p
JOIN exposures x ON x.file_no = p.file_no AND x.row_no = p.row_no
WHERE NOT p.prior;

CREATE TEMP VIEW context_entries AS
SELECT experiment_id, variant, user_no, request_no, entry.key AS key, entry.value AS value
FROM entries
WHERE entry.key NOT IN ('session_id', 'surface');

CREATE TEMP TABLE user_values AS
SELECT experiment_id, variant, key, value, user_no, count(*) AS requests
FROM context_entries
GROUP BY ALL;

CREATE TEMP TABLE user_requests AS
SELECT experiment_id, user_no, count(*) AS requests FROM requests GROUP BY ALL;

-- A key varies where a user's requests do not all carry one value of it.
CREATE TEMP TABLE varying AS
SELECT DISTINCT v.experiment_id, v.key
FROM user_values v
JOIN user_requests r ON r.experiment_id = v.experiment_id AND r.user_no = v.user_no
WHERE v.requests < r.requests;

-- Versions are the treatment, and surface and session have their own meaning: none of them is a slice.
CREATE TEMP TABLE value_counts AS
SELECT experiment_id, key, value, count(*) AS users
FROM user_values
WHERE key NOT IN ('algo_version', 'config_version', 'rules_version')
GROUP BY ALL;

-- The user's own value at or before the first exposure: known before the treatment acts (numbers book 6).
CREATE TEMP TABLE first_values AS
SELECT experiment_id, entry.key AS key, user_no, arg_min(entry.value, (ts, request_no)) AS value
FROM (
  SELECT p.experiment_id, p.user_no, p.ts, p.request_no, unnest(map_entries(x.context)) AS entry
  FROM placed p
  JOIN first_seen f ON f.experiment_id = p.experiment_id AND f.user_no = p.user_no AND p.ts <= f.ts
  JOIN exposures x ON x.file_no = p.file_no AND x.row_no = p.row_no
)
WHERE entry.key NOT IN ('session_id', 'surface', 'algo_version', 'config_version', 'rules_version')
GROUP BY experiment_id, entry.key, user_no;

CREATE TEMP TABLE numbers AS
SELECT experiment_id, key, value, try_cast(value AS DOUBLE) AS number
FROM (SELECT experiment_id, key, value FROM value_counts UNION SELECT experiment_id, key, value FROM first_values)
WHERE regexp_matches(value, '^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?$')
  AND abs(try_cast(value AS DOUBLE)) <= 1.7976931348623157e308;

-- Keys with very many values are kept by name only, so that a slice by one can be refused with its reason.
CREATE TABLE context_keys AS
SELECT c.experiment_id, c.key, count(*) AS distinct_values, count(*) <= 1000 AS kept,
       v.key IS NOT NULL AS varies,
       count(n.value) = count(*) AS numeric
FROM value_counts c
LEFT JOIN varying v ON v.experiment_id = c.experiment_id AND v.key = c.key
LEFT JOIN numbers n ON n.experiment_id = c.experiment_id AND n.key = c.key AND n.value = c.value
GROUP BY c.experiment_id, c.key, v.key;

CREATE TABLE context_values AS
SELECT c.experiment_id, c.key, c.value, c.users,
       row_number() OVER (PARTITION BY c.experiment_id, c.key ORDER BY c.users DESC, c.value) AS value_no
FROM value_counts c
JOIN context_keys k ON k.experiment_id = c.experiment_id AND k.key = c.key AND k.kept
ORDER BY ALL;

CREATE TABLE user_context AS
SELECT f.experiment_id, f.key, f.user_no, v.value_no
FROM first_values f
JOIN context_values v ON v.experiment_id = f.experiment_id AND v.key = f.key AND v.value = f.value
ORDER BY f.experiment_id, f.key, f.user_no;

CREATE TABLE user_numbers AS
SELECT f.experiment_id, f.key, f.user_no, n.number
FROM first_values f
JOIN context_keys k ON k.experiment_id = f.experiment_id AND k.key = f.key AND k.numeric
JOIN numbers n ON n.experiment_id = f.experiment_id AND n.key = f.key AND n.value = f.value
ORDER BY f.experiment_id, f.key, f.user_no;

CREATE TABLE request_context AS
SELECT e.experiment_id, e.key, e.request_no, v.value_no
FROM context_entries e
JOIN varying y ON y.experiment_id = e.experiment_id AND y.key = e.key
JOIN context_values v ON v.experiment_id = e.experiment_id AND v.key = e.key AND v.value = e.value
ORDER BY e.experiment_id, e.key, e.request_no;
