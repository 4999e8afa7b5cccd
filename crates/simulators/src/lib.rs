//! Chip and partner state for the demo and the tests; never in a real node
