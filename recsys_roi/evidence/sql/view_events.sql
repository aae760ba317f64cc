CREATE OR REPLACE TEMP TABLE chosen_events AS
SELECT c.request_no, c.user_no, c.candidate, c.mature_click, c.mature_outcome,
       e.event_type, e.lag_us, e.value,
       CASE WHEN e.lag_us < 0 THEN 'early'
            WHEN e.lag_us > CASE WHEN e.event_type = 'click' THEN $click_us ELSE $outcome_us END THEN 'late'
            ELSE 'within' END AS attribution
FROM events e
JOIN chosen c ON c.request_no = e.request_no
WHERE e.experiment_id = $experiment;
