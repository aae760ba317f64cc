-- What shows drift: versions of the service, and names that come or go; reads the tables of counts.sql and contexts.sql.
CREATE TABLE versions AS
SELECT experiment_id, variant, key, value,
       row_number() OVER (PARTITION BY experiment_id, key, variant ORDER BY value) AS version_no, requests
FROM (
  SELECT m.experiment_id, m.variant, e.key, e.value, sum(u.requests)::BIGINT AS requests
  FROM user_entries u
  JOIN arms m ON m.arm_no = u.arm_no
  JOIN entries e ON e.entry_no = u.entry_no
  WHERE e.key IN ('algo_version', 'config_version', 'rules_version')
  GROUP BY ALL
)
ORDER BY ALL;

-- Kept by request only where an arm has several versions: a pilot without a publish has none.
CREATE TEMP VIEW several_versions AS
SELECT experiment_id, variant, key FROM versions GROUP BY ALL HAVING count(*) > 1;

CREATE TEMP TABLE context_versions AS
SELECT m.arm_no, v.experiment_id, v.key, e.context_no, v.version_no
FROM versions v
JOIN several_versions s ON s.experiment_id = v.experiment_id AND s.variant = v.variant AND s.key = v.key
JOIN arms m ON m.experiment_id = v.experiment_id AND m.variant = v.variant
JOIN entries n ON n.key = v.key AND n.value = v.value
JOIN context_entries e ON e.entry_no = n.entry_no;

CREATE TABLE request_versions AS
SELECT v.experiment_id, v.key, p.request_no, v.version_no
FROM placed p
JOIN context_versions v ON v.arm_no = p.arm_no AND v.context_no = p.context_no
WHERE p.compared
ORDER BY v.experiment_id, v.key, p.request_no;

-- Names that accepted lines carry, by day: a context key or an event type that comes late, or goes.
CREATE TEMP TABLE context_days AS
SELECT context_no, datediff('day', DATE '1970-01-01', ts) AS day,
       count(*) AS lines, count(session_id) AS sessions
FROM lines
GROUP BY ALL;

CREATE TABLE names_by_day AS
SELECT kind, name, day, sum(lines)::BIGINT AS lines
FROM (
  SELECT 'context key' AS kind, e.key AS name, d.day, d.lines
  FROM context_days d
  JOIN context_entries e ON e.context_no = d.context_no
  UNION ALL
  SELECT 'context key', 'session_id', day, sessions FROM context_days WHERE sessions > 0
  UNION ALL
  SELECT 'event type', event_type, datediff('day', DATE '1970-01-01', ts), 1 FROM outcomes
)
GROUP BY ALL
ORDER BY ALL;

CREATE TABLE exposures_by_day AS
SELECT day, sum(lines)::BIGINT AS lines
FROM context_days
GROUP BY day
ORDER BY day;
