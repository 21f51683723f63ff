"""What is given away: packages, third parties covered, and the duplicates that are kept."""
