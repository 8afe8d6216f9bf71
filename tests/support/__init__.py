"""What tests of every kind stand on: real services, and drivers for real browsers."""
