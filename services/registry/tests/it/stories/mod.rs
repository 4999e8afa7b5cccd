//! Cases from the first word to the last, over gRPC, the clock moved from event to event. Every day was worked out by hand from a wall calendar and is told
//! where it is claimed; nothing here was copied from what the service says.

mod accelerated;
mod change_of_law;
mod discontinued;
mod dublin;
mod family;
mod letters;
mod standard;
pub(crate) mod teller;
