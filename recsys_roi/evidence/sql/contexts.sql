-- Context keys as attributes to slice by and as covariates; reads placed and context_entries of counts.sql.
CREATE TEMP TABLE user_contexts AS
SELECT experiment_no, arm_no, user_no, context_no, count(*) AS requests
FROM placed
WHERE NOT prior
GROUP BY ALL;

CREATE TEMP TABLE user_values AS
SELECT u.experiment_no, u.arm_no, u.user_no, e.key, e.value, sum(u.requests)::BIGINT AS requests
FROM user_contexts u
JOIN context_entries e ON e.context_no = u.context_no
WHERE e.key <> 'surface'
GROUP BY ALL;

CREATE TEMP TABLE user_requests AS
SELECT experiment_no, user_no, sum(requests) AS requests FROM user_contexts GROUP BY ALL;

-- A key varies where a user's requests do not all carry one value of it.
CREATE TEMP TABLE varying AS
SELECT DISTINCT x.experiment_id, v.key
FROM user_values v
JOIN user_requests r ON r.experiment_no = v.experiment_no AND r.user_no = v.user_no
JOIN experiments x ON x.experiment_no = v.experiment_no
WHERE v.requests < r.requests;

-- Versions are the treatment, and surface and session have their own meaning: none of them is a slice.
CREATE TEMP TABLE value_counts AS
SELECT x.experiment_id, v.key, v.value, count(*) AS users
FROM user_values v
JOIN experiments x ON x.experiment_no = v.experiment_no
WHERE v.key NOT IN ('algo_version', 'config_version', 'rules_version')
GROUP BY ALL;

-- The user's own value at or before the first exposure: known before the treatment acts (numbers book 6).
CREATE TEMP TABLE first_values AS
SELECT x.experiment_id, e.key, p.user_no, arg_min(e.value, (p.ts, p.request_no)) AS value
FROM placed p
JOIN first_seen f ON f.experiment_no = p.experiment_no AND f.user_no = p.user_no AND p.ts <= f.ts
JOIN context_entries e ON e.context_no = p.context_no
JOIN experiments x ON x.experiment_no = p.experiment_no
WHERE e.key NOT IN ('surface', 'algo_version', 'config_version', 'rules_version')
GROUP BY x.experiment_id, e.key, p.user_no;

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
SELECT x.experiment_id, e.key, p.request_no, v.value_no
FROM placed p
JOIN experiments x ON x.experiment_no = p.experiment_no
JOIN context_entries e ON e.context_no = p.context_no
JOIN varying y ON y.experiment_id = x.experiment_id AND y.key = e.key
JOIN context_values v ON v.experiment_id = x.experiment_id AND v.key = e.key AND v.value = e.value
WHERE NOT p.prior
ORDER BY x.experiment_id, e.key, p.request_no;
