"""What came out of a joint event: contributions and the closing report."""
