-- Each request's value of one key that varies within users, by the value's rank in size.
SELECT request_no, value_no FROM request_context WHERE experiment_id = $experiment AND key = $key
ORDER BY request_no;
