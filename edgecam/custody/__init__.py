"""Who looked, who decided, what was given away, what was destroyed, and the paper that tells of it."""
