-- What shows drift: versions of the service, and names that come or go; reads the tables of counts.sql.
CREATE TEMP VIEW version_entries AS
SELECT e.experiment_id, e.variant, e.request_no, e.entry.key AS key, e.entry.value AS value
FROM (
  SELECT p.experiment_id, p.variant, p.request_no,
         unnest([
           {'key': 'algo_version', 'value': x.context['algo_version']},
           {'key': 'config_version', 'value': x.context['config_version']},
           {'key': 'rules_version', 'value': x.context['rules_version']}
         ]) AS entry
  FROM placed p
  JOIN exposures x ON x.file_no = p.file_no AND x.row_no = p.row_no
  WHERE NOT p.prior
) e
WHERE e.entry.value IS NOT NULL;

CREATE TABLE versions AS
SELECT experiment_id, variant, key, value,
       row_number() OVER (PARTITION BY experiment_id, key, variant ORDER BY value) AS version_no,
       count(*) AS requests
FROM version_entries
GROUP BY experiment_id, variant, key, value
ORDER BY ALL;

-- Kept by request only where an arm has several versions: a pilot without a publish has none.
CREATE TABLE request_versions AS
SELECT e.experiment_id, e.key, e.request_no, v.version_no
FROM version_entries e
JOIN versions v ON v.experiment_id = e.experiment_id AND v.variant = e.variant AND v.key = e.key
  AND v.value = e.value
WHERE (e.experiment_id, e.variant, e.key) IN (
  SELECT (experiment_id, variant, key) FROM versions GROUP BY ALL HAVING count(*) > 1
)
ORDER BY e.experiment_id, e.key, e.request_no;

-- Names that accepted lines carry, by day: a context key or an event type that comes late, or goes.
CREATE TABLE names_by_day AS
SELECT 'context key' AS kind, key AS name, datediff('day', DATE '1970-01-01', ts) AS day, count(*) AS lines
FROM (SELECT ts, unnest(map_keys(context)) AS key FROM exposures)
GROUP BY ALL
UNION ALL
SELECT 'event type', event_type, datediff('day', DATE '1970-01-01', ts), count(*)
FROM outcomes
GROUP BY ALL
ORDER BY ALL;

CREATE TABLE exposures_by_day AS
SELECT datediff('day', DATE '1970-01-01', ts) AS day, count(*) AS lines
FROM exposures
GROUP BY ALL
ORDER BY day;
