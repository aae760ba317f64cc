-- Counts to one view: arms, surface, window of time and attribution windows.
CREATE OR REPLACE TEMP TABLE chosen AS
SELECT request_no, user_no, variant = $candidate AS candidate, ts, latency_ms, error, empty,
       epoch_us(ts) + $click_us <= $newest_us AS mature_click,
       epoch_us(ts) + $outcome_us <= $newest_us AS mature_outcome
FROM requests
WHERE experiment_id = $experiment
  AND variant IN ($control, $candidate)
  AND ($surface IS NULL OR surface = $surface)
  AND ($start IS NULL OR ts >= $start)
  AND ($end IS NULL OR ts < $end)
  AND (NOT $mature_only OR epoch_us(ts) + greatest($click_us, $outcome_us) <= $newest_us);
