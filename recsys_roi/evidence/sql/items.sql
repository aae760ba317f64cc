-- Items by day, for coverage and diversity; reads the tables of counts.sql.
-- Arms are compared on equally many requests a day: those whose request_id has the lowest hash (numbers book 5.4).
-- Ranked within a first part of the hash, so that no day of an arm has to be put in order as a whole.
CREATE TEMP TABLE hashed AS
SELECT experiment_id, variant, surface, file_no, row_no, request_no,
       datediff('day', DATE '1970-01-01', ts) AS day,
       substr(md5(request_id), 1, 3) AS part, substr(md5(request_id), 4) AS rest
FROM placed
WHERE NOT prior;

CREATE TEMP TABLE parts AS
SELECT experiment_id, variant, surface, day, part, requests,
       sum(requests) OVER (PARTITION BY experiment_id, variant, surface, day ORDER BY part) - requests AS before
FROM (
  SELECT experiment_id, variant, surface, day, part, count(*) AS requests FROM hashed GROUP BY ALL
);

CREATE TEMP TABLE arm_days AS
SELECT experiment_id, variant, surface, day, sum(requests) AS requests
FROM parts
GROUP BY ALL;

CREATE TEMP TABLE equal_days AS
SELECT d.experiment_id, d.surface, d.day,
       CASE WHEN count(*) = any_value(v.variants) THEN min(d.requests) ELSE 0 END AS requests
FROM arm_days d
JOIN (SELECT experiment_id, count(DISTINCT variant) AS variants FROM arm_days GROUP BY ALL) v
  ON v.experiment_id = d.experiment_id
GROUP BY d.experiment_id, d.surface, d.day;

-- A part of the hash lies below the last request that counts, above it, or around it.
CREATE TEMP TABLE chosen AS
SELECT h.experiment_id, h.variant, h.surface, h.day, h.file_no, h.row_no,
       p.before + p.requests <= q.requests OR (
         p.before < q.requests
         AND p.before + row_number() OVER (
           PARTITION BY h.experiment_id, h.variant, h.surface, h.day, h.part ORDER BY h.rest
         ) <= q.requests
       ) AS equal
FROM hashed h
JOIN parts p ON p.experiment_id = h.experiment_id AND p.variant = h.variant
  AND p.surface IS NOT DISTINCT FROM h.surface AND p.day = h.day AND p.part = h.part
JOIN equal_days q ON q.experiment_id = h.experiment_id AND q.surface IS NOT DISTINCT FROM h.surface
  AND q.day = h.day;

CREATE TEMP VIEW item_lists AS
SELECT c.experiment_id, c.variant, c.surface, c.day, c.equal, unnest(x.items) AS item
FROM chosen c
JOIN exposures x ON x.file_no = c.file_no AND x.row_no = c.row_no;

CREATE TEMP TABLE item_days AS
SELECT experiment_id, variant, surface, day, item.item_id AS item_id,
       count(*) AS shown, count(*) FILTER (WHERE equal) AS shown_equal
FROM item_lists
GROUP BY ALL;

CREATE TEMP TABLE item_numbers AS
SELECT item_id, row_number() OVER (ORDER BY item_id) AS item_no
FROM (SELECT DISTINCT item_id FROM item_days);

CREATE TABLE items_by_day AS
SELECT d.experiment_id, d.variant, d.surface, d.day, n.item_no, d.shown, d.shown_equal
FROM item_days d
JOIN item_numbers n ON n.item_id = d.item_id
ORDER BY ALL;
