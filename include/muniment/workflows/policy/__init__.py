"""The policies' clauses: gathering the evidence, running every check over it, and saying how each clause stands."""
