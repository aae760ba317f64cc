-- Rejected lines by day. Reads the logs and two tables: rejected (file_no, line; each line once) and
-- files (file_no, kind, accepted, in_lines: whether a row of the file's table is one line of it).
-- A rejected line has no time that can be trusted, so it is put on the day of the accepted line before it.
CREATE TEMP TABLE file_days AS
SELECT r.file_no, r.day, count(*) AS accepted, min(r.row_no) AS first_row, max(r.row_no) AS last_row
FROM (
  SELECT file_no, row_no, datediff('day', DATE '1970-01-01', ts) AS day FROM exposures
  UNION ALL
  SELECT file_no, row_no, datediff('day', DATE '1970-01-01', ts) FROM outcomes
  UNION ALL
  SELECT file_no, row_no, datediff('day', DATE '1970-01-01', ts) FROM assignments
) r
JOIN (SELECT DISTINCT file_no FROM rejected) b ON b.file_no = r.file_no
GROUP BY r.file_no, r.day;

-- A file whose lines are not in the order of days, or whose rows are not lines, is left out: 1 % may stand
-- among those of another day.
CREATE TEMP TABLE ordered_files AS
SELECT f.file_no, f.kind
FROM files f
JOIN file_days d ON d.file_no = f.file_no
WHERE f.in_lines
GROUP BY f.file_no, f.kind, f.accepted
HAVING sum(d.last_row - d.first_row + 1 - d.accepted) <= 0.01 * f.accepted;

CREATE TEMP VIEW rejected_places AS
SELECT file_no, line, line - 1 - row_number() OVER (PARTITION BY file_no ORDER BY line) AS row_before
FROM rejected;

CREATE TEMP TABLE rejected_days AS
SELECT file_no, first_row, count(*) AS rejected
FROM (
  SELECT r.file_no, r.line,
         coalesce(max(CASE WHEN d.first_row <= r.row_before THEN d.first_row END), min(d.first_row)) AS first_row
  FROM rejected_places r
  JOIN ordered_files f ON f.file_no = r.file_no
  JOIN file_days d ON d.file_no = r.file_no
  GROUP BY r.file_no, r.line
)
GROUP BY file_no, first_row;

CREATE TABLE reject_days AS
SELECT f.kind, d.day, sum(d.accepted)::BIGINT AS accepted, coalesce(sum(r.rejected), 0)::BIGINT AS rejected
FROM ordered_files f
JOIN file_days d ON d.file_no = f.file_no
LEFT JOIN rejected_days r ON r.file_no = d.file_no AND r.first_row = d.first_row
GROUP BY f.kind, d.day
ORDER BY ALL;
