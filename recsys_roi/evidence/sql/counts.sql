-- Rows to counts: one join of the three logs, made once for each set of files.
-- A repeated request_id counts once: the first by ts, then file order (contracts.md 4).
CREATE TEMP TABLE repeated AS
SELECT request_id FROM exposures GROUP BY request_id HAVING count(*) > 1;

CREATE TEMP TABLE shown AS
SELECT request_id, user_id, ts, context, latency_ms, error, len(items) = 0 AS empty
FROM exposures
WHERE request_id NOT IN (SELECT request_id FROM repeated)
UNION ALL
SELECT request_id, user_id, ts, context, latency_ms, error, empty
FROM (
  SELECT request_id, user_id, ts, context, latency_ms, error, len(items) = 0 AS empty,
         row_number() OVER (PARTITION BY request_id ORDER BY ts, file_no, row_no) AS nth
  FROM exposures
  WHERE request_id IN (SELECT request_id FROM repeated)
)
WHERE nth = 1;

CREATE TEMP TABLE assigned AS
SELECT experiment_id, request_id, min(variant) AS variant, count(DISTINCT variant) AS variants,
       min(user_id) AS user_id
FROM assignments
GROUP BY experiment_id, request_id;

CREATE TEMP TABLE arm_users AS
SELECT experiment_id, user_id, min(variant) AS variant, count(DISTINCT variant) AS variants
FROM assignments
GROUP BY experiment_id, user_id;

-- Numbered in the order of the ids, so that sums over users are added in a fixed order.
CREATE TEMP TABLE numbered AS
SELECT user_id, row_number() OVER (ORDER BY user_id) AS user_no
FROM (SELECT DISTINCT user_id FROM arm_users);

CREATE TABLE requests AS
SELECT a.experiment_id, a.variant, n.user_no,
       row_number() OVER () AS request_no,
       s.request_id, s.ts,
       s.context['surface'] AS surface,
       s.latency_ms, s.error, s.empty
FROM assigned a
JOIN shown s ON s.request_id = a.request_id AND s.user_id = a.user_id
JOIN arm_users u ON u.experiment_id = a.experiment_id AND u.user_id = a.user_id
JOIN numbered n ON n.user_id = a.user_id
WHERE a.variants = 1 AND u.variants = 1;

-- Outcomes alike in request_id, item_id, event_type, ts and value count once.
CREATE TEMP TABLE distinct_outcomes AS
SELECT request_id, user_id, item_id, event_type, ts, value, count(*) AS times
FROM outcomes
GROUP BY ALL;

CREATE TABLE events AS
SELECT r.experiment_id, r.request_no, o.event_type,
       epoch_us(o.ts) - epoch_us(r.ts) AS lag_us,
       o.value
FROM distinct_outcomes o
JOIN shown s ON s.request_id = o.request_id AND s.user_id = o.user_id
JOIN requests r ON r.request_id = o.request_id;

ALTER TABLE requests DROP COLUMN request_id;

-- A slice is the user's own value at the first exposure: known before the treatment acts.
-- Versions are the treatment and sessions are not attributes, so neither is a slice.
CREATE TEMP TABLE context_values AS
SELECT n.user_no, entry.key AS key, arg_min(entry.value, (s.ts, s.request_id)) AS value
FROM (SELECT user_id, ts, request_id, unnest(map_entries(context)) AS entry FROM shown) s
JOIN numbered n ON n.user_id = s.user_id
WHERE entry.key NOT IN ('session_id', 'surface', 'algo_version', 'config_version', 'rules_version')
GROUP BY n.user_no, entry.key;

CREATE TEMP TABLE slice_keys AS
SELECT key, count(DISTINCT value) AS distinct_values
FROM context_values
GROUP BY key;

CREATE TABLE user_slices AS
SELECT c.user_no, c.key, c.value
FROM context_values c
JOIN slice_keys k ON k.key = c.key
WHERE k.distinct_values BETWEEN 2 AND 50;
