//! EAC-PKI of a state: trust store, national DV and IS keys, terminal control centre
