"""HTTP over the parts: the page on the camera."""
