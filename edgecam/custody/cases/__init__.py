"""Who asks to look or to be given footage, who decides, until when, and what is due."""
