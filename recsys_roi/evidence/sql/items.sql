-- Items by day, for coverage and diversity; reads the tables of counts.sql.
-- Arms are compared on equally many requests a day: those whose request_id has the lowest hash (numbers book 5.4).
CREATE TEMP TABLE ranked AS
SELECT experiment_id, variant, surface, file_no, row_no,
       datediff('day', DATE '1970-01-01', ts) AS day,
       row_number() OVER (
         PARTITION BY experiment_id, variant, surface, datediff('day', DATE '1970-01-01', ts)
         ORDER BY md5(request_id)
       ) AS place
FROM placed
WHERE NOT prior;

CREATE TEMP TABLE arm_days AS
SELECT experiment_id, variant, surface, day, count(*) AS requests
FROM ranked
GROUP BY ALL;

CREATE TEMP TABLE equal_days AS
SELECT d.experiment_id, d.surface, d.day,
       CASE WHEN count(*) = any_value(v.variants) THEN min(d.requests) ELSE 0 END AS requests
FROM arm_days d
JOIN (SELECT experiment_id, count(DISTINCT variant) AS variants FROM arm_days GROUP BY ALL) v
  ON v.experiment_id = d.experiment_id
GROUP BY d.experiment_id, d.surface, d.day;

CREATE TEMP TABLE item_lists AS
SELECT r.experiment_id, r.variant, r.surface, r.day, r.place <= q.requests AS equal,
       unnest(x.items).item_id AS item_id
FROM ranked r
JOIN equal_days q ON q.experiment_id = r.experiment_id AND q.day = r.day
  AND q.surface IS NOT DISTINCT FROM r.surface
JOIN exposures x ON x.file_no = r.file_no AND x.row_no = r.row_no;

CREATE TABLE items_by_day AS
SELECT experiment_id, variant, surface, day,
       dense_rank() OVER (ORDER BY item_id) AS item_no, shown, shown_equal
FROM (
  SELECT experiment_id, variant, surface, day, item_id,
         count(*) AS shown, count(*) FILTER (WHERE equal) AS shown_equal
  FROM item_lists
  GROUP BY ALL
)
ORDER BY ALL;
