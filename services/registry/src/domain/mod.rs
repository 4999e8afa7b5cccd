//! The rules of the register: pure, synchronous, free of generated types.

pub mod calendar;
pub mod clock;
pub mod course;
pub mod rules;

#[cfg(test)]
mod story;
