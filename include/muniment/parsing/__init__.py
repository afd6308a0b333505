"""Pages to typed rows: one file a platform. Pure; a page is already sealed when it comes here."""
