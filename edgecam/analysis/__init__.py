"""Masked small frames to events: scene health, motion, detector, tracks."""
