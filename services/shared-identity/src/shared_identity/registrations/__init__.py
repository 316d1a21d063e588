"""Registrations to joint events: seats held, confirmed, waited for, given back."""
