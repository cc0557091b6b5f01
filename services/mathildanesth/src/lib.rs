//! mathildanesth.
