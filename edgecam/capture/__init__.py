"""Light to H.264 fragments: sources, encoders, the fragmenter."""
