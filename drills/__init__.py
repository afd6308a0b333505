"""Scored drills: a month of two accounts lived at speed, and what the product found of it beside what happened."""
