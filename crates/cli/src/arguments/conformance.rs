//! `straznica spoc conformance`

use std::path::PathBuf;

use clap::{ArgGroup, Args};

/// `straznica spoc conformance`
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["partner", "itself", "prepare"])))]
pub struct Conformance {
    /// Hold the SPOC of this profile (docs/conformance-profile.md) against the list.
    #[arg(long, value_name = "PROFILE")]
    pub partner: Option<PathBuf>,
    /// Hold a throw-away node of this software against the list, over both bindings, over SOAP in the editions of 2009 and of
    /// ICAO.
    #[arg(long = "self")]
    pub itself: bool,
    /// Make a tester in this directory: the state the kit plays. The partner registers its SPOC root, CVCA and document verifiers.
    #[arg(long, value_name = "DIRECTORY", requires = "country")]
    pub prepare: Option<PathBuf>,
    /// With --prepare: the tester's state, two letters.
    #[arg(long, value_name = "STATE")]
    pub country: Option<exchange::Country>,
    /// Print JSON: {"cases":n,"passed":n,"failed":[{"case","binding","expected","got"}]}
    #[arg(long)]
    pub json: bool,
    /// Write the readable report (Markdown) to this file.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Run only cases whose name begins with this.
    #[arg(long, value_name = "PREFIX")]
    pub only: Option<String>,
}
