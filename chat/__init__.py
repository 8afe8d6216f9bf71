"""Networks, rooms and the end-to-end encrypted conversations in them."""
