-- Each user's outcomes within their attribution window, by event type; values added in a fixed order.
SELECT candidate, user_no, event_type,
       count(DISTINCT request_no) AS requests_with,
       count(*) AS events,
       coalesce(sum(value ORDER BY value), 0) AS value,
       count(DISTINCT request_no) FILTER (WHERE mature) AS mature_requests_with,
       count(*) FILTER (WHERE mature) AS mature_events,
       coalesce(sum(value ORDER BY value) FILTER (WHERE mature), 0) AS mature_value
FROM (
  SELECT *, CASE WHEN event_type = 'click' THEN mature_click ELSE mature_outcome END AS mature
  FROM chosen_events
  WHERE attribution = 'within'
)
GROUP BY candidate, user_no, event_type
ORDER BY event_type, candidate, user_no;
