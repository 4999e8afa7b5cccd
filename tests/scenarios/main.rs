//! Scenarios across services, a module each. The services here are the real ones, over the real transport.

mod architecture;
mod bad_input;
mod border_check;
