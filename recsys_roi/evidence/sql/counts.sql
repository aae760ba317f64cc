-- Rows to counts: one join of the three logs, made once for each set of files.
-- This text and those beside it run on DuckDB as they are, and on Spark as `spark/dialect.py` translates them.
-- Ids become whole numbers as soon as they are read, so that large tables are joined and ordered by numbers.

-- Numbered in the order of the ids, so that sums over users are added in a fixed order.
CREATE TEMP TABLE users AS
SELECT user_id, row_number() OVER (ORDER BY user_id) AS user_no
FROM (
  SELECT user_id FROM exposures UNION SELECT user_id FROM outcomes UNION SELECT user_id FROM assignments
);

CREATE TEMP TABLE numbered_arms AS
SELECT experiment_id, variant, row_number() OVER (ORDER BY experiment_id, variant) AS arm_no
FROM (SELECT DISTINCT experiment_id, variant FROM assignments);

-- An experiment has the number of its first arm.
CREATE TEMP TABLE arms AS
SELECT min(arm_no) OVER (PARTITION BY experiment_id) AS experiment_no, arm_no, experiment_id, variant
FROM numbered_arms;

CREATE TEMP TABLE experiments AS
SELECT DISTINCT experiment_no, experiment_id FROM arms;

-- A line's place numbers it in the order of files and lines; a session is a user's own, all else is shared by many.
CREATE TEMP VIEW placed_exposures AS
SELECT *, file_no * 1099511627776 + row_no AS place,
       list_filter(map_entries(context), lambda entry: entry.key <> 'session_id') AS entries
FROM exposures;

-- Each different context once, with the place of its first line as its number.
CREATE TEMP TABLE contexts AS
SELECT entries, min(place) AS context_no FROM placed_exposures WHERE entries IS NOT NULL GROUP BY entries;

CREATE TEMP VIEW unnested AS
SELECT context_no, entry.key AS key, entry.value AS value
FROM (SELECT context_no, unnest(entries) AS entry FROM contexts);

CREATE TEMP TABLE numbered_entries AS
SELECT key, value, row_number() OVER (ORDER BY key, value) AS entry_no
FROM (SELECT DISTINCT key, value FROM unnested);

-- A key has the number of its first value.
CREATE TEMP TABLE entries AS
SELECT min(entry_no) OVER (PARTITION BY key) AS key_no, entry_no, key, value
FROM numbered_entries;

CREATE TEMP TABLE context_entries AS
SELECT u.context_no, e.key_no, e.entry_no, e.key
FROM unnested u
JOIN entries e ON e.key = u.key AND e.value = u.value;

-- A repeated request_id counts once: the first by ts, then file order (numbers book 4.2).
CREATE TEMP TABLE repeated AS
SELECT request_id FROM exposures GROUP BY request_id HAVING count(*) > 1;

CREATE TEMP TABLE kept_repeats AS
SELECT request_id, min((ts, place)) AS first
FROM placed_exposures
WHERE request_id IN (SELECT request_id FROM repeated)
GROUP BY request_id;

CREATE TEMP TABLE lines AS
SELECT e.place, e.request_id, u.user_no, e.ts, c.context_no, e.context['session_id'] AS session_id,
       e.latency_ms, e.error, len(e.items) = 0 AS empty,
       k.request_id IS NOT NULL AND k.first <> (e.ts, e.place) AS repeats
FROM placed_exposures e
JOIN users u ON u.user_id = e.user_id
LEFT JOIN contexts c ON c.entries = e.entries
LEFT JOIN kept_repeats k ON k.request_id = e.request_id;
DROP TABLE contexts;
DROP TABLE repeated;
DROP TABLE kept_repeats;

CREATE TEMP VIEW shown AS SELECT * FROM lines WHERE NOT repeats;

CREATE TEMP TABLE numbered_assignments AS
SELECT m.experiment_no, m.arm_no, a.request_id, u.user_no, a.ts
FROM assignments a
JOIN arms m ON m.experiment_id = a.experiment_id AND m.variant = a.variant
JOIN users u ON u.user_id = a.user_id;

-- Each request of an experiment once, and what was shown on it.
CREATE TEMP TABLE assigned AS
SELECT a.experiment_no, a.arm_no, a.two_variants, a.user_no, s.user_no AS shown_to, s.place
FROM (
  SELECT experiment_no, request_id, min(arm_no) AS arm_no, min(arm_no) <> max(arm_no) AS two_variants,
         min(user_no) AS user_no
  FROM numbered_assignments
  GROUP BY experiment_no, request_id
) a
LEFT JOIN shown s ON s.request_id = a.request_id;

CREATE TEMP TABLE arm_users AS
SELECT experiment_no, user_no, min(arm_no) AS arm_no, min(arm_no) <> max(arm_no) AS two_variants,
       min(ts) AS first_ts
FROM numbered_assignments
GROUP BY experiment_no, user_no;
DROP TABLE numbered_assignments;

CREATE TEMP TABLE compared AS
SELECT a.experiment_no, a.arm_no, a.user_no, s.ts, s.place
FROM assigned a
JOIN arm_users u ON u.experiment_no = a.experiment_no AND u.user_no = a.user_no
JOIN shown s ON s.place = a.place
WHERE a.shown_to = a.user_no AND NOT a.two_variants AND NOT u.two_variants;

CREATE TEMP TABLE first_seen AS
SELECT experiment_no, arm_no, user_no, min(ts) AS ts FROM compared GROUP BY ALL;

-- What the compared users were shown in the 14 days before their first compared request (numbers book 2.3).
CREATE TEMP TABLE before AS
SELECT f.experiment_no, f.arm_no, f.user_no, s.ts, s.place
FROM first_seen f
JOIN shown s ON s.user_no = f.user_no AND s.ts < f.ts AND s.ts >= f.ts - INTERVAL 14 DAY
ANTI JOIN assigned a ON a.place = s.place AND a.experiment_no = f.experiment_no;

CREATE TEMP TABLE in_order AS
SELECT *, row_number() OVER (ORDER BY compared, experiment_no, user_no, ts, place) AS request_no
FROM (SELECT *, true AS compared FROM compared UNION ALL SELECT *, false AS compared FROM before);
DROP TABLE compared;
DROP TABLE before;

CREATE TEMP TABLE described AS
SELECT r.compared, r.experiment_no, r.arm_no, r.user_no, r.request_no, r.ts, r.place, l.context_no,
       l.session_id, v.value AS surface, datediff('day', DATE '1970-01-01', r.ts) AS day,
       l.latency_ms, l.error, l.empty
FROM in_order r
JOIN lines l ON l.place = r.place
LEFT JOIN context_entries s ON s.context_no = l.context_no AND s.key = 'surface'
LEFT JOIN entries v ON v.entry_no = s.entry_no;
DROP TABLE in_order;

-- A session has its own id, or goes on until 30 minutes pass without a request (numbers book 0.2).
CREATE TEMP TABLE session_runs AS
SELECT request_no,
       sum(CASE WHEN ts <= previous + INTERVAL 30 MINUTE THEN 0 ELSE 1 END)
         OVER (PARTITION BY compared, experiment_no, user_no ORDER BY request_no) AS run
FROM (
  SELECT request_no, compared, experiment_no, user_no, ts,
         lag(ts) OVER (PARTITION BY compared, experiment_no, user_no ORDER BY request_no) AS previous
  FROM described
  WHERE session_id IS NULL
);

CREATE TEMP TABLE sessions AS
SELECT d.compared, d.experiment_no, d.user_no, d.session_id, r.run, min(d.request_no) AS session_no
FROM described d
LEFT JOIN session_runs r ON r.request_no = d.request_no
GROUP BY ALL;

-- A cell is one day of an arm on a surface.
CREATE TEMP TABLE cells AS
SELECT *, row_number() OVER (ORDER BY compared, arm_no, surface, day) AS cell_no
FROM (
  SELECT compared, experiment_no, arm_no, surface, day, count(*) AS requests FROM described GROUP BY ALL
);

CREATE TEMP TABLE placed AS
SELECT d.compared, d.experiment_no, d.arm_no, c.cell_no, d.user_no, d.request_no, d.ts, d.place, d.context_no,
       s.session_no, d.latency_ms, d.error, d.empty
FROM described d
LEFT JOIN session_runs r ON r.request_no = d.request_no
JOIN sessions s ON s.compared = d.compared AND s.experiment_no = d.experiment_no AND s.user_no = d.user_no
  AND s.session_id IS NOT DISTINCT FROM d.session_id AND s.run IS NOT DISTINCT FROM r.run
JOIN cells c ON c.compared = d.compared AND c.arm_no = d.arm_no AND c.surface IS NOT DISTINCT FROM d.surface
  AND c.day = d.day;
DROP TABLE described;
DROP TABLE session_runs;
DROP TABLE sessions;

CREATE TEMP VIEW written_requests AS
SELECT p.compared, m.experiment_id, m.variant, p.user_no, p.request_no, epoch_us(p.ts) AS ts_us, p.session_no,
       c.surface, p.latency_ms, p.error, p.empty
FROM placed p
JOIN arms m ON m.arm_no = p.arm_no
JOIN cells c ON c.cell_no = p.cell_no;

CREATE TABLE requests AS
SELECT experiment_id, variant, user_no, request_no, ts_us, session_no, surface, latency_ms, error, empty
FROM written_requests WHERE compared ORDER BY request_no;

CREATE TABLE prior_requests AS
SELECT experiment_id, variant, user_no, request_no, ts_us, session_no, surface, latency_ms, error, empty
FROM written_requests WHERE NOT compared ORDER BY request_no;

-- Outcomes alike in request_id, item_id, event_type, ts and value count once.
CREATE TEMP TABLE distinct_outcomes AS
SELECT o.request_id, u.user_no, o.event_type, o.ts, o.value, o.times,
       s.place, s.user_no = u.user_no AS of_its_user, epoch_us(o.ts) - epoch_us(s.ts) AS lag_us
FROM (
  SELECT request_id, user_id, item_id, event_type, ts, value, count(*) AS times FROM outcomes GROUP BY ALL
) o
JOIN users u ON u.user_id = o.user_id
LEFT JOIN shown s ON s.request_id = o.request_id;

CREATE TEMP TABLE placed_events AS
SELECT p.compared, p.experiment_no, m.experiment_id, p.user_no, p.request_no, o.event_type, o.ts, o.lag_us, o.value
FROM distinct_outcomes o
JOIN placed p ON p.place = o.place
JOIN arms m ON m.arm_no = p.arm_no
WHERE o.of_its_user;

CREATE TABLE events AS
SELECT experiment_id, request_no, event_type, lag_us, value
FROM placed_events WHERE compared
ORDER BY request_no, event_type, lag_us, value;

-- A covariate must end before the first exposure, so later outcomes of earlier requests are no part of it.
CREATE TABLE prior_events AS
SELECT e.experiment_id, e.request_no, e.event_type, e.lag_us, e.value
FROM placed_events e
JOIN first_seen f ON f.experiment_no = e.experiment_no AND f.user_no = e.user_no
WHERE NOT e.compared AND e.ts < f.ts
ORDER BY e.request_no, e.event_type, e.lag_us, e.value;
DROP TABLE placed_events;
