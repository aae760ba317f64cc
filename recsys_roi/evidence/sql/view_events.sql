-- The outcomes of the compared requests by request, event type, lag and value: always in the same order.
SELECT request_no, coalesce(list_position($kinds, event_type), 0) - 1 AS kind, lag_us,
       coalesce(value, 'NaN'::DOUBLE) AS value
FROM events
WHERE experiment_id = $experiment;
