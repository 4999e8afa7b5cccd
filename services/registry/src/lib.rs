//! registry is the register of aliens (Pobyt): who they are, what they asked for, what was decided, and by when the law wants the next step.
//!
//! What is here so far are the rules, pure and synchronous:
//! - **Law is data.** Kinds of cases, their stages, decisions, documents and deadlines stand in files with the day from which they hold and the place in the
//!   law they come from ([`domain::rules`]). A new law is a new file; a case keeps the rules it fell under unless the new law takes it over.
//! - **The legal clock** tells, from the rules and what happened in a case, which deadlines it has, how each stands and why ([`domain::clock`]).
//! - **Days off** are data too, by the years in which they held ([`domain::calendar`]).
//!
//! A file that is wrong in any way is refused whole, with its name, line and reason: no case is ever counted by half a law.

pub mod domain;
