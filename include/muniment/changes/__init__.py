"""What happened between captures, and what could have happened unseen."""
