"""Everything that can be paid by its own rules, one folder a sector; sectors never import one another."""
