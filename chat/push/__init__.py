"""Waking devices that are away, and telling nobody why: subscriptions, the outbox, its worker, and the senders."""
