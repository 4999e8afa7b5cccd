//! REST for terminals and officials: the only door into the suite
