//! TLS configurations with reload and revocation, the identity of a peer, the development certificate authority
