-- What the integrity checks judge, counted over the whole pilot; reads the tables of counts.sql.
CREATE TABLE join_facts AS
SELECT l.*, o.*
FROM (SELECT count(*) AS exposure_lines, count(*) FILTER (WHERE NOT repeats) AS exposures FROM lines) l
CROSS JOIN (
  SELECT coalesce(sum(times), 0)::BIGINT AS outcome_lines, count(*) AS outcomes,
         count(place) AS outcomes_joined, count(*) FILTER (WHERE NOT of_its_user) AS outcomes_other_user,
         count(DISTINCT place) AS exposures_with_outcome
  FROM distinct_outcomes
) o;

-- An exposure without assignment is the pre-period when it comes before its user's first assignment, or before
-- the experiment's for a user who has none; any later one should have been assigned.
CREATE TEMP TABLE unassigned AS
SELECT e.experiment_no,
       count(*) FILTER (WHERE s.ts < coalesce(u.first_ts, e.first_ts)) AS before_assignment,
       count(*) FILTER (WHERE s.ts >= coalesce(u.first_ts, e.first_ts)) AS after_assignment
FROM (SELECT experiment_no, min(first_ts) AS first_ts FROM arm_users GROUP BY experiment_no) e
CROSS JOIN shown s
ANTI JOIN assigned a ON a.experiment_no = e.experiment_no AND a.place = s.place
LEFT JOIN arm_users u ON u.experiment_no = e.experiment_no AND u.user_no = s.user_no
GROUP BY e.experiment_no;

CREATE TABLE experiment_facts AS
SELECT m.experiment_id,
       count(*) AS assignments,
       count(a.place) AS assignments_joined,
       count(*) FILTER (WHERE a.shown_to <> a.user_no) AS assignments_other_user,
       count(*) FILTER (WHERE a.two_variants) AS two_variant_requests,
       coalesce(any_value(n.after_assignment), 0) AS exposures_unassigned,
       coalesce(any_value(n.before_assignment), 0) AS exposures_before
FROM assigned a
JOIN arms m ON m.arm_no = a.arm_no
LEFT JOIN unassigned n ON n.experiment_no = a.experiment_no
GROUP BY m.experiment_id;

CREATE TABLE arm_facts AS
SELECT m.experiment_id, m.variant,
       count(*) FILTER (WHERE NOT u.two_variants) AS users,
       count(*) FILTER (WHERE u.two_variants) AS two_arm_users
FROM arm_users u
JOIN arms m ON m.arm_no = u.arm_no
GROUP BY m.experiment_id, m.variant;

CREATE TABLE arm_users_by_day AS
SELECT m.experiment_id, m.variant, datediff('day', DATE '1970-01-01', u.first_ts) AS day, count(*) AS users
FROM arm_users u
JOIN arms m ON m.arm_no = u.arm_no
WHERE NOT u.two_variants
GROUP BY ALL;

CREATE TABLE variant_names AS
SELECT experiment_id, variant FROM arms;

CREATE TABLE surfaces AS
SELECT DISTINCT m.experiment_id, m.variant, c.surface
FROM cells c
JOIN arms m ON m.arm_no = c.arm_no
WHERE c.compared AND c.surface IS NOT NULL;

CREATE TABLE event_types AS
SELECT event_type, count(*) AS events, count(value) AS with_value
FROM distinct_outcomes
GROUP BY event_type;

DROP TABLE assigned;
DROP TABLE arm_users;

-- Outcomes that no exposure is known of, and what they add up to.
CREATE TABLE unjoined_outcomes AS
SELECT event_type, count(*) AS events, count(DISTINCT request_id) AS requests,
       count(DISTINCT user_no) AS users, coalesce(sum(value ORDER BY value), 0) AS value
FROM distinct_outcomes
WHERE place IS NULL
GROUP BY event_type;

DROP TABLE distinct_outcomes;

-- Freshness and silence of each surface and arm, in microseconds since the epoch. Gaps are looked for within
-- minutes and between them, so that no arm has to be put in order as a whole.
CREATE TEMP VIEW moments AS
SELECT cell_no, minute, ts_us,
       ts_us - lag(ts_us) OVER (PARTITION BY cell_no, minute ORDER BY ts_us) AS gap_us
FROM (
  SELECT cell_no, epoch_us(ts) // 60000000 AS minute, epoch_us(ts) AS ts_us FROM placed WHERE compared
);

CREATE TEMP TABLE minutes AS
SELECT cell_no, minute, count(*) AS requests,
       min(ts_us) AS first_us, max(ts_us) AS last_us, coalesce(max(gap_us), 0) AS gap_us
FROM moments
GROUP BY cell_no, minute;

CREATE TABLE silences AS
SELECT m.experiment_id, m.variant, g.surface, min(g.first_us) AS first_us, max(g.last_us) AS last_us,
       max(greatest(g.gap_us, coalesce(g.first_us - g.previous_us, 0))) AS longest_gap_us,
       sum(g.requests)::BIGINT AS requests
FROM (
  SELECT c.arm_no, c.surface, n.first_us, n.last_us, n.gap_us, n.requests,
         lag(n.last_us) OVER (PARTITION BY c.arm_no, c.surface ORDER BY n.minute) AS previous_us
  FROM minutes n
  JOIN cells c ON c.cell_no = n.cell_no
) g
JOIN arms m ON m.arm_no = g.arm_no
GROUP BY m.experiment_id, m.variant, g.surface;

CREATE TABLE newest AS
SELECT 'exposure.v1' AS kind, min(epoch_us(ts)) AS first_us, max(epoch_us(ts)) AS last_us FROM exposures
UNION ALL
SELECT 'outcome.v1', min(epoch_us(ts)), max(epoch_us(ts)) FROM outcomes
UNION ALL
SELECT 'assignment.v1', min(epoch_us(ts)), max(epoch_us(ts)) FROM assignments;
