"""Full fakes: whole stand-ins for hardware that a test machine has not."""
