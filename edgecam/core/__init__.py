"""Small values and contracts that every other package stands on."""
