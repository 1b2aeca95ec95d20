"""/my: what clients see and say."""
