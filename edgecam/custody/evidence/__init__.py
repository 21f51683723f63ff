"""Copies of footage that prove themselves, and how they are proved."""
