//! Typed identifiers, money, time and the injected clock; no I/O
