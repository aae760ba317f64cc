-- The users' own number under one context key, at or before the first exposure.
SELECT user_no, number FROM user_numbers WHERE experiment_id = $experiment AND key = $key ORDER BY user_no;
