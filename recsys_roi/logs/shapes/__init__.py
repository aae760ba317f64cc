"""Files of other shapes than the contract's own, written as lines of the contract."""
