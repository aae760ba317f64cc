"""The workbook and the tables behind it."""
