-- The days of one file's accepted lines, and where in the file they stand.
SELECT datediff('day', DATE '1970-01-01', ts) AS day, count(*) AS accepted,
       min(row_no) AS first_row, max(row_no) AS last_row
FROM (
  SELECT file_no, row_no, ts FROM exposures
  UNION ALL
  SELECT file_no, row_no, ts FROM outcomes
  UNION ALL
  SELECT file_no, row_no, ts FROM assignments
)
WHERE file_no = $file
GROUP BY day
ORDER BY first_row;
