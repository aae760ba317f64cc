-- One row a user over the whole view: a user seen on three days is one unit (numbers book 0.1).
SELECT candidate, user_no,
       count(*) AS requests,
       count(*) FILTER (WHERE mature_click) AS mature_click,
       count(*) FILTER (WHERE mature_outcome) AS mature_outcome,
       count(error) AS error_logged,
       count(*) FILTER (WHERE error) AS errors,
       count(*) FILTER (WHERE empty) AS empties
FROM chosen
GROUP BY candidate, user_no
ORDER BY candidate, user_no;
