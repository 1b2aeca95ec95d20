"""Papers the house issues: facts → HTML → PDF, one module each. Nothing here reads the database."""
