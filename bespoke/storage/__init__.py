"""Where files are kept: by their SHA-256, in a local folder or on S3, and never changed."""
