"""What makes any process a good citizen; knows no service."""
