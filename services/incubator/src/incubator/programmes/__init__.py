"""What the structure offers: programmes, their stages, their cohorts."""
