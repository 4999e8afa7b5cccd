//! All generated code of the contracts in proto/: messages, gRPC clients and servers, and the descriptor set.
//!
//! A module a package, named as the package is. The messages' comments in the proto files are their documentation. A Cargo feature a service
//! takes its module in; `common` and `journal` are always there. Every message knows its full name ([`prost::Name`]).
//!
//! [`calls`] is the other half of the contract: who may call which RPC, from calls.toml.

pub mod calls;

/// Descriptors of every contract, as gRPC reflection serves them.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptor_set.bin"));

macro_rules! package {
    ($name:literal) => {
        include!(concat!(env!("OUT_DIR"), "/", $name, ".rs"));
    };
}

/// Messages that print as `***`; build.rs says which.
#[cfg(any(
    feature = "alerts",
    feature = "consultation",
    feature = "identity",
    feature = "registry",
    feature = "sources"
))]
macro_rules! masked {
    ($($name:path),*) => {$(
        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str("***")
            }
        }
    )*};
}

/// What all contracts share.
pub mod common {
    /// Package straznica.common.v1.
    #[allow(missing_docs, clippy::all, rustdoc::all, reason = "generated")]
    pub mod v1 {
        pub use straznica_error::{ErrorDetail, FieldError};

        package!("straznica.common.v1");
    }
}

/// Journal, witness and events: served by every service with a database.
pub mod journal {
    /// Package straznica.journal.v1.
    #[allow(missing_docs, clippy::all, rustdoc::all, reason = "generated")]
    pub mod v1 {
        package!("straznica.journal.v1");
    }
}

/// The network by which states consult each other: what an adapter before it answers.
#[cfg(feature = "consultation")]
pub mod consultation {
    /// Package straznica.consultation.v1. Messages print as `***` and wipe themselves when dropped.
    #[allow(missing_docs, clippy::all, rustdoc::all, reason = "generated")]
    pub mod v1 {
        package!("straznica.consultation.v1");
        include!(concat!(env!("OUT_DIR"), "/straznica.consultation.v1.masked.rs"));
    }
}

/// EAC-PKI: trust, national keys, terminal control centre.
#[cfg(feature = "spoc")]
pub mod spoc {
    /// Package straznica.spoc.v1.
    #[allow(missing_docs, clippy::all, rustdoc::all, reason = "generated")]
    pub mod v1 {
        package!("straznica.spoc.v1");
    }

    /// What spoc tells others.
    pub mod events {
        /// Package straznica.spoc.events.v1.
        #[allow(missing_docs, clippy::all, rustdoc::all, reason = "generated")]
        pub mod v1 {
            package!("straznica.spoc.events.v1");
        }
    }
}

/// Inspection of travel documents; identity confirmed through state registers.
#[cfg(feature = "identity")]
pub mod identity {
    /// Package straznica.identity.v1.
    #[allow(missing_docs, clippy::all, rustdoc::all, reason = "generated")]
    pub mod v1 {
        package!("straznica.identity.v1");
        include!(concat!(env!("OUT_DIR"), "/straznica.identity.v1.masked.rs"));
    }

    /// What identity tells others.
    pub mod events {
        /// Package straznica.identity.events.v1.
        #[allow(missing_docs, clippy::all, rustdoc::all, reason = "generated")]
        pub mod v1 {
            package!("straznica.identity.events.v1");
        }
    }
}

/// One-time codes and the messages that carry them.
#[cfg(feature = "dispatch")]
pub mod dispatch {
    /// Package straznica.dispatch.v1.
    #[allow(missing_docs, clippy::all, rustdoc::all, reason = "generated")]
    pub mod v1 {
        package!("straznica.dispatch.v1");
    }

    /// What dispatch tells others.
    pub mod events {
        /// Package straznica.dispatch.events.v1.
        #[allow(missing_docs, clippy::all, rustdoc::all, reason = "generated")]
        pub mod v1 {
            package!("straznica.dispatch.events.v1");
        }
    }
}

/// The alien registry: persons and cases.
#[cfg(feature = "registry")]
pub mod registry {
    /// Package straznica.registry.v1. What is stated of a person prints as `***` and wipes itself when dropped.
    #[allow(missing_docs, clippy::all, rustdoc::all, reason = "generated")]
    pub mod v1 {
        package!("straznica.registry.v1");
        include!(concat!(env!("OUT_DIR"), "/straznica.registry.v1.masked.rs"));
    }

    /// What the registry tells others.
    pub mod events {
        /// Package straznica.registry.events.v1.
        #[allow(missing_docs, clippy::all, rustdoc::all, reason = "generated")]
        pub mod v1 {
            package!("straznica.registry.events.v1");
        }
    }
}

/// Alerts: what an adapter before their source answers.
#[cfg(feature = "alerts")]
pub mod alerts {
    /// Package straznica.alerts.v1. Questions and answers print as `***` and wipe themselves when dropped.
    #[allow(missing_docs, clippy::all, rustdoc::all, reason = "generated")]
    pub mod v1 {
        package!("straznica.alerts.v1");
        include!(concat!(env!("OUT_DIR"), "/straznica.alerts.v1.masked.rs"));
    }
}

/// State registers: what an adapter before one answers.
#[cfg(feature = "sources")]
pub mod sources {
    /// Package straznica.sources.v1. Questions and answers print as `***` and wipe themselves when dropped.
    #[allow(missing_docs, clippy::all, rustdoc::all, reason = "generated")]
    pub mod v1 {
        package!("straznica.sources.v1");
        include!(concat!(env!("OUT_DIR"), "/straznica.sources.v1.masked.rs"));
    }
}

/// The door for terminals.
#[cfg(feature = "gateway")]
pub mod gateway {
    /// What the gateway tells others.
    pub mod events {
        /// Package straznica.gateway.events.v1.
        #[allow(missing_docs, clippy::all, rustdoc::all, reason = "generated")]
        pub mod v1 {
            package!("straznica.gateway.events.v1");
        }
    }
}
