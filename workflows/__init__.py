"""The rules of a commission. Standard library only: no clock, no I/O, no logging; time is passed in."""
