-- The compared requests of two arms in a span of time, in the order of users and times.
SELECT request_no, user_no, variant = $candidate AS candidate, ts_us, session_no,
       coalesce(latency_ms, 'NaN'::DOUBLE) AS latency_ms,
       CASE WHEN error IS NULL THEN -1 WHEN error THEN 1 ELSE 0 END::TINYINT AS error,
       empty
FROM requests
WHERE experiment_id = $experiment
  AND variant IN ($control, $candidate)
  AND ($surface IS NULL OR surface = $surface)
  AND ($first_us::BIGINT IS NULL OR ts_us >= $first_us::BIGINT)
  AND ($end_us::BIGINT IS NULL OR ts_us < $end_us::BIGINT);
