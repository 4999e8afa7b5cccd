//! How an operator reaches a running service.

use std::path::PathBuf;

use clap::Args;

/// How an operator reaches a running spoc.
#[derive(Debug, Args)]
pub struct OperatorAccess {
    /// gRPC address of spoc.
    #[arg(long, env = "STRAZNICA_SPOC", value_name = "HOST:PORT")]
    pub spoc: String,
    /// As whom.
    #[command(flatten)]
    pub certificate: OperatorCertificate,
    /// Why, for the journal.
    #[arg(long, default_value = "maintenance")]
    pub purpose: String,
}

/// How an operator reaches a running gateway.
#[derive(Debug, Args)]
pub struct GatewayAccess {
    /// Where the gateway asks for certificates (`gateway.server.listen.http_mutual`), by a name or address its own certificate has.
    #[arg(long, env = "STRAZNICA_GATEWAY", value_name = "HOST:PORT")]
    pub gateway: String,
    /// As whom.
    #[command(flatten)]
    pub certificate: OperatorCertificate,
}

/// Who the operator is, and whom they trust to be the service.
#[derive(Debug, Args)]
pub struct OperatorCertificate {
    /// The operator's certificate, PEM. Its key is looked for beside it under the same name with `.key`, and `ca.pem` and `ca.crl.pem` in the
    /// same directory, as `straznica development-certificate` writes them.
    #[arg(long, env = "STRAZNICA_CERTIFICATE", value_name = "FILE")]
    pub certificate: PathBuf,
    /// The key, if it is elsewhere.
    #[arg(long, env = "STRAZNICA_KEY", value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// The authority the service's certificate comes from, if it is elsewhere.
    #[arg(long, env = "STRAZNICA_CA", value_name = "FILE")]
    pub ca: Option<PathBuf>,
}
