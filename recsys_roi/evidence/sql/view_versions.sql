-- Each request's version by one key, in the arms that have had several.
SELECT request_no, version_no FROM request_versions WHERE experiment_id = $experiment AND key = $key
ORDER BY request_no;
