"""Who can open what: sealing to the owner, passphrases, the camera's own identity."""
