"""People's own caps on what leaves their wallet: a child's month, a paper card's day."""
