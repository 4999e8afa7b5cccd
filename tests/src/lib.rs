//! Scenarios across services: one crate, one test binary
