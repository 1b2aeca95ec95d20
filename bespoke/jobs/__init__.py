"""Jobs: what happens because something was decided. The rows are the truth, Celery only rings."""
