//! How large a gRPC message may be.

/// Bytes of a message a server or client takes in unless it says otherwise (tonic's own default, named).
pub const MESSAGE: usize = 4 * 1024 * 1024;

/// Bytes of a message that carries lists: master lists, CRLs, a trust snapshot. To be set with `max_decoding_message_size` on the client that
/// asks for a snapshot and on the server that takes lists in.
pub const LISTS: usize = 32 * 1024 * 1024;
