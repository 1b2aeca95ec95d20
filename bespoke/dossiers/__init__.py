"""From the records of a piece to everything its dossier says; one module a section, no literal but the wording."""
