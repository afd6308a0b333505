"""The doctor's probes: each tries one thing that a store fit for evidence must refuse, or must do.

A probe asks for nothing but throwaways under ``doctor/`` and puts back what it could
change. It judges by what is there afterwards, not by what the store answered.
"""
