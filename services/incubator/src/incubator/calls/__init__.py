"""Applications: received, taken back, admitted, declined."""
