"""Who looked and what was handed over: the register, exports and their verification."""
