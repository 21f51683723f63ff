"""The register: what was done to footage and camera, line by line, in books of a year, and the forms made of it."""
