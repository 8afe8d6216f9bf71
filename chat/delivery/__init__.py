"""From a frame to everyone's socket: make it durable in the room's log, then fan it out."""
