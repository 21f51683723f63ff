"""RawFrame to MaskedFrame: the only maker of frames that anything downstream may see."""
