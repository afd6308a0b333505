"""The checks of verification, one module each: pure functions over what a place holds, yielding findings."""
