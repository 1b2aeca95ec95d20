"""What anybody may open: the door, the health of the house, the check of a dossier."""
