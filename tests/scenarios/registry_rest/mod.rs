//! The register of aliens over REST, the whole suite and nobody played, on both engines. The clock moves only when a story moves it.

mod alerts;
mod authorities;
mod bodies;
mod consultations;
mod family;
mod files;
mod fuzz;
mod office;
mod papers;
mod same_person;
mod two_at_once;
mod visas;
mod who_may;
