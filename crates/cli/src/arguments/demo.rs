//! `straznica demo`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `straznica demo`
#[derive(Debug, Args, Default)]
pub struct Demo {
    /// Run one scene only. The border check alone obtains its certificates in one step.
    #[arg(long, value_enum)]
    pub scene: Option<Scene>,
    /// Print one JSON object a step, and nothing else, on standard output.
    #[arg(long)]
    pub json: bool,
    /// Sabotage one input: the run must then fail at the step that catches it, and end with a failure.
    #[arg(long = "break", value_enum, value_name = "WHAT")]
    pub sabotage: Option<Sabotage>,
    /// Leave the suite running afterwards and print its addresses and a ready curl line.
    #[arg(long, conflicts_with = "sabotage")]
    pub keep: bool,
    /// Keep the CVCA, DV and IS keys of all three states and the keys of their gRPC certificates in a token of PKCS#11, e.g.
    /// `/usr/lib/softhsm/libsofthsm2.so`. Labels name the state.
    #[arg(long, value_name = "MODULE", requires = "token_label", requires = "token_pin_file")]
    pub token_module: Option<PathBuf>,
    /// The label the token was initialised with.
    #[arg(long, value_name = "LABEL", requires = "token_module")]
    pub token_label: Option<String>,
    /// File with the PIN of the token's user.
    #[arg(long, value_name = "FILE", requires = "token_module")]
    pub token_pin_file: Option<PathBuf>,
    /// Keep databases, keys and certificates in this directory (it must not exist, or be empty), the other states' in `partners` within it. Default: a
    /// temporary one, removed at the end.
    #[arg(long, value_name = "DIRECTORY")]
    pub data_dir: Option<PathBuf>,
}

/// A scene of the demonstration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scene {
    /// Two states meet: registration by two officers, CVCA certificates, a request and its certificate, over gRPC and SOAP.
    SpocExchange,
    /// A passport at the border: verdict, chain, signature, fingerprints; and the documents that are refused.
    BorderCheck,
    /// Somebody proves who they are without a document: by a code, by a tap on the phone; and reads who asked.
    Mdokumenty,
    /// Somebody asks for protection at the border: registered, consulted about, decided by two officers, served; each term says why.
    ProtectionCase,
}

/// What can be sabotaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sabotage {
    /// One bit of the genuine passport's security object is turned.
    Sod,
    /// One bit of the document verifier's certificate is turned on its way to the chip.
    Chain,
    /// The old chip's trust point is one no link certificate leads from.
    TrustPoint,
    /// One bit of the Terminal Authentication signature is turned on its way to the chip.
    TaSignature,
    /// The clone is given the genuine chip's key, so nothing can tell it apart: the step that expects a refusal fails.
    Clone,
    /// An entry of the journal is altered behind the service's back.
    Journal,
}
