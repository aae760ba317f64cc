-- Of each arm and day of one view: how many items were shown how often, in all and on equally many requests.
SELECT i.variant = $candidate AS candidate, i.day, i.item_no, i.shown_equal
FROM items_by_day i
WHERE i.experiment_id = $experiment
  AND i.variant IN ($control, $candidate)
  AND ($surface IS NULL OR i.surface = $surface)
  AND ($first_day IS NULL OR i.day >= $first_day)
  AND ($end_day IS NULL OR i.day < $end_day)
ORDER BY candidate, i.day, i.item_no;
