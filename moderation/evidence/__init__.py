"""Evidence bundles: their form and how they are verified, offline and without a database (docs/protocol.md, section 13)."""
