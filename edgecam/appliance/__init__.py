"""What exists on the image alone: the first start, the radio, updates, self-care, the way back to the factory."""
