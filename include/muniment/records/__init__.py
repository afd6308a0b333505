"""What we keep: series, agencies and accounts, pages and rows, the canonical form. Pure, standard library only."""
