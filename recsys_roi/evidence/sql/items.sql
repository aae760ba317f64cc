-- Items by day, for coverage and diversity; reads the tables of counts.sql.
-- Arms are compared on equally many requests a day: those whose request_id has the lowest hash (numbers book 5.4).
CREATE TEMP TABLE equal_cells AS
SELECT c.cell_no, c.requests,
       CASE WHEN count(*) OVER same_day = v.variants THEN min(c.requests) OVER same_day ELSE 0 END AS wanted
FROM cells c
JOIN (
  SELECT experiment_no, count(DISTINCT arm_no) AS variants FROM cells WHERE compared GROUP BY experiment_no
) v ON v.experiment_no = c.experiment_no
WHERE c.compared
WINDOW same_day AS (PARTITION BY c.experiment_no, c.surface, c.day);

-- Only where a cell has more requests than are wanted are they ranked, and within a first part of the hash, so
-- that no cell has to be put in order as a whole.
CREATE TEMP TABLE hashed AS
SELECT p.cell_no, p.place, e.wanted, substr(md5(l.request_id), 1, 3) AS part, substr(md5(l.request_id), 4) AS rest
FROM placed p
JOIN equal_cells e ON e.cell_no = p.cell_no AND e.wanted > 0 AND e.wanted < e.requests
JOIN lines l ON l.place = p.place;

CREATE TEMP TABLE parts AS
SELECT cell_no, part, requests,
       sum(requests) OVER (PARTITION BY cell_no ORDER BY part) - requests AS before
FROM (SELECT cell_no, part, count(*) AS requests FROM hashed GROUP BY ALL);

-- A part lies below the last request that is wanted, above it, or around it.
CREATE TEMP TABLE left_out AS
SELECT cell_no, place
FROM (
  SELECT h.cell_no, h.place, h.wanted,
         p.before + row_number() OVER (PARTITION BY h.cell_no, h.part ORDER BY h.rest) AS rank
  FROM hashed h
  JOIN parts p ON p.cell_no = h.cell_no AND p.part = h.part
  WHERE p.before + p.requests > h.wanted
)
WHERE rank > wanted;
DROP TABLE hashed;

CREATE TEMP TABLE chosen AS
SELECT p.place, p.cell_no, e.wanted > 0 AND l.place IS NULL AS equal
FROM placed p
JOIN equal_cells e ON e.cell_no = p.cell_no
LEFT JOIN left_out l ON l.cell_no = p.cell_no AND l.place = p.place;

-- Every line, so that scanned.sql finds all items here; those that are not compared have no cell.
CREATE TEMP VIEW item_lists AS
SELECT c.cell_no, c.equal, unnest(x.items) AS item
FROM placed_exposures x
LEFT JOIN chosen c ON c.place = x.place;

CREATE TEMP TABLE item_cells AS
SELECT cell_no, item.item_id AS item_id, count(*) AS shown, count(*) FILTER (WHERE equal) AS shown_equal
FROM item_lists
GROUP BY ALL;
DROP TABLE chosen;

CREATE TEMP TABLE item_numbers AS
SELECT item_id, row_number() OVER (ORDER BY item_id) AS item_no
FROM (SELECT DISTINCT item_id FROM item_cells WHERE cell_no IS NOT NULL);

CREATE TABLE items_by_day AS
SELECT m.experiment_id, m.variant, c.surface, c.day, n.item_no, i.shown, i.shown_equal
FROM item_cells i
JOIN item_numbers n ON n.item_id = i.item_id
JOIN cells c ON c.cell_no = i.cell_no
JOIN arms m ON m.arm_no = c.arm_no
ORDER BY ALL;
