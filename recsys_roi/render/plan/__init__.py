"""The measurement plan as a document and as files for the people who build the loggers."""
