"""The only code that imports streamlit, besides app.py and pages/."""
