"""What peer moderators work with; franking verification and cases belong here. `chat` never imports it."""
