-- Values that could be personal data: ids and context values, each once; reads the tables of counts.sql and items.sql,
-- and most_scanned from scan_limit.
CREATE TEMP TABLE scanned_names AS
SELECT 'user_id' AS field, user_id AS value FROM users
UNION ALL
SELECT 'item_id', item_id FROM (SELECT item_id FROM outcomes UNION SELECT item_id FROM item_cells)
UNION ALL
SELECT DISTINCT 'context.session_id', session_id FROM lines WHERE session_id IS NOT NULL
UNION ALL
SELECT 'context.' || key, value
FROM (
  SELECT key, value FROM entries
  UNION
  SELECT entry.key, entry.value FROM (SELECT unnest(map_entries(context)) AS entry FROM assignments)
);

CREATE TEMP VIEW distinct_values AS
SELECT field, value FROM scanned_names
UNION ALL
SELECT 'request_id', request_id FROM shown;

-- A field with more values than the limit is sampled: those whose MD5 begins low enough, the same in every engine.
CREATE TEMP TABLE scanned_fields AS
SELECT field, count(*) AS held, CASE
  WHEN count(*) > max(most_scanned)
  THEN lpad(lower(hex(CAST(floor(4294967296.0 * max(most_scanned) / count(*)) AS BIGINT))), 8, '0')
END AS below
FROM distinct_values, scan_limit GROUP BY field;

CREATE TEMP VIEW scanned AS
SELECT field, value FROM distinct_values JOIN scanned_fields USING (field)
WHERE CASE WHEN below IS NULL THEN true ELSE md5(value) < below END;

CREATE TABLE personal_data_scan AS
SELECT
  (SELECT count(*) FROM scanned) AS looked_at,
  (SELECT CAST(coalesce(sum(held), 0) AS BIGINT) FROM scanned_fields) AS distinct_values;

-- Only values that could match a pattern at all are looked at one by one: an address, or what may be a card, phone or
-- account number, with no letter or digit before it.
CREATE TEMP VIEW suspects AS
SELECT field, value FROM scanned
WHERE contains(value, '@')
   OR regexp_matches(
     value,
     '(^|[^A-Za-z0-9_])('
     || '[3-6][0-9]{3}([ -]?[0-9]){9,15}([^A-Za-z0-9_.]|$)|'
     || '([+]|00)[1-9]([ ./()-]{0,2}[0-9]){6}|'
     || '[(]?[0-9]{3}[)]?[ .-][0-9]{3}[ .-][0-9]{4}|'
     || '[A-Z]{2}[0-9]{2}[ A-Z0-9]{8})'
   )
   OR (field IN ('user_id', 'request_id') AND contains(value, ' '));
