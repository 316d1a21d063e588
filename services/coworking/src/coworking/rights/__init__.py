"""Rights that people hold here under agreements, and how much of them is left each month."""
