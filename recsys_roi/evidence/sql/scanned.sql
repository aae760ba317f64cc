-- Values that could be personal data: ids and context values, each once; reads the table shown of counts.sql.
CREATE TEMP TABLE scanned_names AS
SELECT 'user_id' AS field, user_id AS value
FROM (
  SELECT user_id FROM exposures UNION SELECT user_id FROM outcomes UNION SELECT user_id FROM assignments
)
UNION ALL
SELECT 'item_id', item_id
FROM (
  SELECT item_id FROM outcomes UNION SELECT item.item_id FROM (SELECT unnest(items) AS item FROM exposures)
)
UNION ALL
SELECT DISTINCT 'context.' || entry.key, entry.value
FROM (
  SELECT unnest(map_entries(context)) AS entry FROM exposures
  UNION ALL
  SELECT unnest(map_entries(context)) FROM assignments
);

CREATE TEMP VIEW scanned AS
SELECT field, value FROM scanned_names
UNION ALL
SELECT 'request_id', request_id FROM shown;

CREATE TABLE personal_data_scan AS SELECT count(*) AS looked_at FROM scanned;

-- Only values that could match a pattern at all are looked at one by one.
CREATE TEMP VIEW suspects AS
SELECT field, value FROM scanned
WHERE contains(value, '@')
   OR regexp_matches(value, '(^|[^A-Za-z0-9_.])[3-6][0-9]{3}([ -]?[0-9]){9,15}([^A-Za-z0-9_.]|$)')
   OR regexp_matches(value, '(^|[^A-Za-z0-9_.:+])([+]|00)[1-9]([ ./()-]{0,2}[0-9]){6}')
   OR regexp_matches(value, '(^|[^A-Za-z0-9_.:+])[(]?[0-9]{3}[)]?[ .-][0-9]{3}[ .-][0-9]{4}')
   OR regexp_matches(value, '(^|[^A-Za-z0-9_])[A-Z]{2}[0-9]{2}[ A-Z0-9]{8}')
   OR (field IN ('user_id', 'request_id') AND contains(value, ' '));
