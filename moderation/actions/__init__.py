"""The only writers of moderation."""
