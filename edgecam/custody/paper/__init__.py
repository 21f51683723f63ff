"""Everything that is printed: forms, letters, certificates, signs and the operation standard."""
