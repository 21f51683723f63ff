"""edgecam: firmware for smart cameras that mask before encoding, encrypt for the owner, and forget on time."""

__version__ = "0.1.0"
