"""The protocol's closed types: frames, events, errors and limits. No Django here; nothing below this package."""
