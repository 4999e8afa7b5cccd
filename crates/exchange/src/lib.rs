//! What two states say to each other about certificates for extended access control: the messages, codes and rules of the SPOC protocol
//! (CSN 36 9791; ICAO Doc 9303-12 §8), whichever binding carries them. No I/O and no async here.
//!
//! - [`message`]: the four operations, with the fields of the standard, as they arrive: unchecked but for their size.
//! - [`code`]: every answer code by its standard name. What a partner of the 2009 edition is told instead of a newer code is its profile's matter.
//! - [`profile`]: what one partner's edition looks like on the wire: namespace, spellings, fallback of codes, TLS.
//! - [`soap`]: messages as documents of SOAP 1.1, read with limits.
//! - [`bundle`]: messages in a signed file, for when the line is down.
//! - [`country`]: the two letters a caller goes by.
//! - [`identity`]: who a peer is, by its TLS certificate and its state's registration.
//! - [`development`]: a throw-away authority for such certificates.
//!
//! A message is judged by the application behind the bindings, once, in the same way for both.

pub mod binding;
pub mod bundle;
pub mod code;
pub mod country;
pub mod development;
pub mod identity;
pub mod message;
pub mod operation;
pub mod profile;
pub mod soap;

pub use binding::{Binding, Side};
pub use country::Country;
pub use operation::Operation;
pub use profile::{Catalogue, Profile};
