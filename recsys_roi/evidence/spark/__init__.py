"""The same counts from Spark: the only room that knows pyspark and sqlglot.

Only `session` can be loaded without them; `check_packages` of it comes before anything else here.
"""
