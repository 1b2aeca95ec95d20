"""One module per CAD format; each has `read(path) -> Loaded` and believes nothing the file says about itself."""
