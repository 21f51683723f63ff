"""Who may use the page, and whose keys open footage."""
