//! Error classes and their only mapping to gRPC status and RFC 9457 problems
