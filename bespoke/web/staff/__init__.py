"""/house: what the people of the house see and do."""
