"""Rooms, delivery and sync of end-to-end encrypted entries."""
