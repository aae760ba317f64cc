-- The users' own value of one key, by the value's rank in size.
SELECT user_no, value_no FROM user_context WHERE experiment_id = $experiment AND key = $key ORDER BY user_no;
