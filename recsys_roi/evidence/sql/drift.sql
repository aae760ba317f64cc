-- What shows drift: versions of the service, and names that come or go; reads the tables of counts.sql and contexts.sql.
CREATE TABLE versions AS
SELECT experiment_id, variant, key, value,
       row_number() OVER (PARTITION BY experiment_id, key, variant ORDER BY value) AS version_no, requests
FROM (
  SELECT experiment_id, variant, key, value, sum(requests)::BIGINT AS requests
  FROM user_values
  WHERE key IN ('algo_version', 'config_version', 'rules_version')
  GROUP BY ALL
)
ORDER BY ALL;

-- Kept by request only where an arm has several versions: a pilot without a publish has none.
CREATE TEMP VIEW several_versions AS
SELECT experiment_id, variant, key FROM versions GROUP BY ALL HAVING count(*) > 1;

CREATE TABLE request_versions AS
SELECT e.experiment_id, e.key, e.request_no, v.version_no
FROM context_entries e
JOIN several_versions m ON m.experiment_id = e.experiment_id AND m.variant = e.variant AND m.key = e.key
JOIN versions v ON v.experiment_id = e.experiment_id AND v.variant = e.variant AND v.key = e.key
  AND v.value = e.value
ORDER BY e.experiment_id, e.key, e.request_no;

-- Names that accepted lines carry, by day: a context key or an event type that comes late, or goes.
CREATE TABLE names_by_day AS
SELECT kind, name, datediff('day', DATE '1970-01-01', ts) AS day, count(*) AS lines
FROM (
  SELECT 'context key' AS kind, ts, unnest(map_keys(context)) AS name FROM exposures
  UNION ALL
  SELECT 'event type', ts, event_type FROM outcomes
)
GROUP BY ALL
ORDER BY ALL;

CREATE TABLE exposures_by_day AS
SELECT datediff('day', DATE '1970-01-01', ts) AS day, count(*) AS lines
FROM exposures
GROUP BY ALL
ORDER BY day;
