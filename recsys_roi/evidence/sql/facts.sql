-- What the integrity checks judge, counted over the whole pilot; reads the tables of counts.sql.
CREATE TABLE join_facts AS
SELECT
  (SELECT count(*) FROM exposures) AS exposure_lines,
  (SELECT count(*) FROM shown) AS exposures,
  (SELECT coalesce(sum(times), 0)::BIGINT FROM distinct_outcomes) AS outcome_lines,
  (SELECT count(*) FROM distinct_outcomes) AS outcomes,
  (SELECT count(*) FROM distinct_outcomes o SEMI JOIN shown s ON s.request_id = o.request_id) AS outcomes_joined,
  (SELECT count(*) FROM distinct_outcomes o JOIN shown s ON s.request_id = o.request_id
   WHERE s.user_id <> o.user_id) AS outcomes_other_user,
  (SELECT count(*) FROM (SELECT DISTINCT request_id FROM outcomes) o
   SEMI JOIN shown s ON s.request_id = o.request_id) AS exposures_with_outcome;

-- An exposure without assignment is the pre-period when it comes before its user's first assignment, or before
-- the experiment's for a user who has none; any later one should have been assigned.
CREATE TEMP TABLE unassigned AS
SELECT e.experiment_id,
       count(*) FILTER (WHERE s.ts < coalesce(u.first_ts, e.first_ts)) AS before_assignment,
       count(*) FILTER (WHERE s.ts >= coalesce(u.first_ts, e.first_ts)) AS after_assignment
FROM (SELECT experiment_id, min(first_ts) AS first_ts FROM arm_users GROUP BY experiment_id) e
CROSS JOIN shown s
ANTI JOIN assigned a ON a.experiment_id = e.experiment_id AND a.request_id = s.request_id
LEFT JOIN arm_users u ON u.experiment_id = e.experiment_id AND u.user_no = s.user_no
GROUP BY e.experiment_id;

CREATE TABLE experiment_facts AS
SELECT a.experiment_id,
       count(*) AS assignments,
       count(*) FILTER (WHERE s.request_id IS NOT NULL) AS assignments_joined,
       count(*) FILTER (WHERE s.request_id IS NOT NULL AND s.user_no IS DISTINCT FROM a.user_no)
         AS assignments_other_user,
       count(*) FILTER (WHERE a.two_variants) AS two_variant_requests,
       coalesce(any_value(n.after_assignment), 0) AS exposures_unassigned,
       coalesce(any_value(n.before_assignment), 0) AS exposures_before
FROM assigned a
LEFT JOIN shown s ON s.request_id = a.request_id
LEFT JOIN unassigned n ON n.experiment_id = a.experiment_id
GROUP BY a.experiment_id;

CREATE TABLE arm_facts AS
SELECT experiment_id, variant,
       count(*) FILTER (WHERE NOT two_variants) AS users,
       count(*) FILTER (WHERE two_variants) AS two_arm_users
FROM arm_users
GROUP BY experiment_id, variant;

CREATE TABLE arm_users_by_day AS
SELECT experiment_id, variant, first_day AS day, count(*) AS users
FROM arm_users
WHERE NOT two_variants
GROUP BY ALL;

CREATE TABLE variant_names AS
SELECT DISTINCT experiment_id, variant FROM assignments;

CREATE TABLE surfaces AS
SELECT DISTINCT experiment_id, variant, surface FROM requests WHERE surface IS NOT NULL;

CREATE TABLE event_types AS
SELECT event_type, count(*) AS events, count(value) AS with_value
FROM distinct_outcomes
GROUP BY event_type;

-- Outcomes that no exposure is known of, and what they add up to.
CREATE TABLE unjoined_outcomes AS
SELECT o.event_type, count(*) AS events, count(DISTINCT o.request_id) AS requests,
       count(DISTINCT o.user_id) AS users, coalesce(sum(o.value ORDER BY o.value), 0) AS value
FROM distinct_outcomes o
ANTI JOIN shown s ON s.request_id = o.request_id
GROUP BY o.event_type;

-- Freshness and silence of each surface and arm, in microseconds since the epoch. Gaps are looked for within
-- minutes and between them, so that no arm has to be put in order as a whole.
CREATE TEMP VIEW moments AS
SELECT experiment_id, variant, surface, ts_us // 60000000 AS minute, ts_us,
       ts_us - lag(ts_us) OVER (
         PARTITION BY experiment_id, variant, surface, ts_us // 60000000 ORDER BY ts_us
       ) AS gap_us
FROM requests;

CREATE TEMP TABLE minutes AS
SELECT experiment_id, variant, surface, minute, count(*) AS requests,
       min(ts_us) AS first_us, max(ts_us) AS last_us, coalesce(max(gap_us), 0) AS gap_us
FROM moments
GROUP BY experiment_id, variant, surface, minute;

CREATE TABLE silences AS
SELECT experiment_id, variant, surface, min(first_us) AS first_us, max(last_us) AS last_us,
       max(greatest(gap_us, coalesce(first_us - previous_us, 0))) AS longest_gap_us,
       sum(requests)::BIGINT AS requests
FROM (
  SELECT *, lag(last_us) OVER (PARTITION BY experiment_id, variant, surface ORDER BY minute) AS previous_us
  FROM minutes
)
GROUP BY experiment_id, variant, surface;

CREATE TABLE newest AS
SELECT 'exposure.v1' AS kind, min(epoch_us(ts)) AS first_us, max(epoch_us(ts)) AS last_us FROM exposures
UNION ALL
SELECT 'outcome.v1', min(epoch_us(ts)), max(epoch_us(ts)) FROM outcomes
UNION ALL
SELECT 'assignment.v1', min(epoch_us(ts)), max(epoch_us(ts)) FROM assignments;
