-- New users by calendar day (UTC) of the view, counted from 0.
SELECT datediff('day', (SELECT min(ts) FROM chosen), first_seen) AS day, count(*) AS users
FROM (SELECT user_no, min(ts) AS first_seen FROM chosen GROUP BY user_no)
GROUP BY day;
