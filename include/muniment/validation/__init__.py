"""Rows to a verdict. The only folder that imports Great Expectations."""
