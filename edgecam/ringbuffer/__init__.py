"""The encrypted log-structured ring: format, medium, writer, reader, recovery, erasure."""
