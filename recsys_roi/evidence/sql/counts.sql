-- Rows to counts: one join of the three logs, made once for each set of files.
-- This text and those beside it run on DuckDB as they are, and on Spark as `spark/dialect.py` translates them.

-- Numbered in the order of the ids, so that sums over users are added in a fixed order.
CREATE TEMP TABLE numbered AS
SELECT user_id, row_number() OVER (ORDER BY user_id) AS user_no
FROM (SELECT DISTINCT user_id FROM assignments);

-- A repeated request_id counts once: the first by ts, then file order (numbers book 4.2).
CREATE TEMP TABLE repeated AS
SELECT request_id FROM exposures GROUP BY request_id HAVING count(*) > 1;

CREATE TEMP TABLE kept_repeats AS
SELECT request_id, min((ts, file_no, row_no)) AS place
FROM exposures
WHERE request_id IN (SELECT request_id FROM repeated)
GROUP BY request_id;

CREATE TEMP TABLE shown AS
SELECT e.request_id, e.user_id, n.user_no, e.ts, e.file_no, e.row_no,
       e.context['surface'] AS surface, e.context['session_id'] AS session_id,
       e.latency_ms, e.error, len(e.items) = 0 AS empty
FROM exposures e
LEFT JOIN numbered n ON n.user_id = e.user_id
LEFT JOIN kept_repeats k ON k.request_id = e.request_id
WHERE k.request_id IS NULL OR k.place = (e.ts, e.file_no, e.row_no);
DROP TABLE repeated;
DROP TABLE kept_repeats;

CREATE TEMP TABLE assigned AS
SELECT a.experiment_id, a.request_id, min(a.variant) AS variant,
       min(a.variant) <> max(a.variant) AS two_variants, min(n.user_no) AS user_no
FROM assignments a
JOIN numbered n ON n.user_id = a.user_id
GROUP BY a.experiment_id, a.request_id;

CREATE TEMP TABLE arm_users AS
SELECT a.experiment_id, n.user_no, min(a.variant) AS variant,
       min(a.variant) <> max(a.variant) AS two_variants,
       min(a.ts) AS first_ts, datediff('day', DATE '1970-01-01', min(a.ts)) AS first_day
FROM assignments a
JOIN numbered n ON n.user_id = a.user_id
GROUP BY a.experiment_id, n.user_no;

CREATE TEMP TABLE compared AS
SELECT a.experiment_id, a.variant, a.user_no, s.request_id, s.ts, s.file_no, s.row_no,
       s.surface, s.session_id, s.latency_ms, s.error, s.empty
FROM assigned a
JOIN arm_users u ON u.experiment_id = a.experiment_id AND u.user_no = a.user_no
JOIN shown s ON s.request_id = a.request_id AND s.user_no = a.user_no
WHERE NOT a.two_variants AND NOT u.two_variants;

CREATE TEMP TABLE first_seen AS
SELECT experiment_id, variant, user_no, min(ts) AS ts FROM compared GROUP BY ALL;

-- What the compared users were shown in the 14 days before their first compared request (numbers book 2.3).
CREATE TEMP TABLE before AS
SELECT f.experiment_id, f.variant, f.user_no, s.request_id, s.ts, s.file_no, s.row_no,
       s.surface, s.session_id, s.latency_ms, s.error, s.empty
FROM first_seen f
JOIN shown s ON s.user_no = f.user_no AND s.ts < f.ts AND s.ts >= f.ts - INTERVAL 14 DAY
ANTI JOIN assigned a ON a.request_id = s.request_id AND a.experiment_id = f.experiment_id;

CREATE TEMP TABLE in_order AS
SELECT *, row_number() OVER (ORDER BY prior, experiment_id, user_no, ts, request_id) AS request_no
FROM (SELECT *, false AS prior FROM compared UNION ALL SELECT *, true AS prior FROM before);
DROP TABLE compared;
DROP TABLE before;

-- A session has its own id, or goes on until 30 minutes pass without a request (numbers book 0.2).
CREATE TEMP TABLE session_starts AS
SELECT request_no,
       'gap ' || sum(CASE WHEN ts <= previous + INTERVAL 30 MINUTE THEN 0 ELSE 1 END)
         OVER (PARTITION BY prior, experiment_id, user_no ORDER BY request_no) AS session_key
FROM (
  SELECT request_no, prior, experiment_id, user_no, ts,
         lag(ts) OVER (PARTITION BY prior, experiment_id, user_no ORDER BY request_no) AS previous
  FROM in_order
  WHERE session_id IS NULL
);

CREATE TEMP TABLE session_keys AS
SELECT r.request_no, r.prior, r.experiment_id, r.user_no,
       coalesce('id ' || r.session_id, s.session_key) AS session_key
FROM in_order r
LEFT JOIN session_starts s ON s.request_no = r.request_no;
DROP TABLE session_starts;

CREATE TEMP TABLE sessions AS
SELECT prior, experiment_id, user_no, session_key, min(request_no) AS session_no
FROM session_keys
GROUP BY ALL;

CREATE TEMP TABLE placed AS
SELECT r.prior, r.experiment_id, r.variant, r.user_no, r.request_no, r.request_id, r.ts, s.session_no,
       r.file_no, r.row_no, r.surface, r.latency_ms, r.error, r.empty
FROM in_order r
JOIN session_keys k ON k.request_no = r.request_no
JOIN sessions s ON s.prior = k.prior AND s.experiment_id = k.experiment_id
  AND s.user_no = k.user_no AND s.session_key = k.session_key;
DROP TABLE in_order;
DROP TABLE session_keys;
DROP TABLE sessions;

CREATE TABLE requests AS
SELECT experiment_id, variant, user_no, request_no, epoch_us(ts) AS ts_us, session_no, surface,
       latency_ms, error, empty
FROM placed WHERE NOT prior ORDER BY request_no;

CREATE TABLE prior_requests AS
SELECT experiment_id, variant, user_no, request_no, epoch_us(ts) AS ts_us, session_no, surface,
       latency_ms, error, empty
FROM placed WHERE prior ORDER BY request_no;

-- Outcomes alike in request_id, item_id, event_type, ts and value count once.
CREATE TEMP TABLE distinct_outcomes AS
SELECT request_id, user_id, item_id, event_type, ts, value, count(*) AS times
FROM outcomes
GROUP BY ALL;

CREATE TEMP TABLE placed_events AS
SELECT p.prior, p.experiment_id, p.user_no, p.request_no, o.event_type, o.ts,
       epoch_us(o.ts) - epoch_us(p.ts) AS lag_us, o.value
FROM distinct_outcomes o
JOIN shown s ON s.request_id = o.request_id AND s.user_id = o.user_id
JOIN placed p ON p.request_id = o.request_id;

CREATE TABLE events AS
SELECT experiment_id, request_no, event_type, lag_us, value
FROM placed_events WHERE NOT prior
ORDER BY request_no, event_type, lag_us, value;

-- A covariate must end before the first exposure, so later outcomes of earlier requests are no part of it.
CREATE TABLE prior_events AS
SELECT e.experiment_id, e.request_no, e.event_type, e.lag_us, e.value
FROM placed_events e
JOIN first_seen f ON f.experiment_id = e.experiment_id AND f.user_no = e.user_no
WHERE e.prior AND e.ts < f.ts
ORDER BY e.request_no, e.event_type, e.lag_us, e.value;
