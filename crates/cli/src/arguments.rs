//! What can be typed after `straznica`, and what `--help` teaches.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Software for a state's border and aliens authorities.
///
/// Try `straznica demo` first: it runs the main job on made-up people, in one process, with every key made on the spot.
#[derive(Debug, Parser)]
#[command(name = "straznica", version, max_term_width = 110)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The first word.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the main job on made-up people and prove each step.
    Demo(Demo),
    /// Run one service, several, or the whole suite in one process.
    Serve(Serve),
    /// Look at the configuration in force.
    #[command(subcommand)]
    Config(Config),
    /// Look at CV certificates (BSI TR-03110-3). Needs no server.
    #[command(subcommand)]
    Cvc(Cvc),
    /// Look at travel documents (ICAO Doc 9303). Needs no server.
    #[command(subcommand)]
    Passport(Passport),
    /// Look after the trust in other states' documents.
    #[command(subcommand)]
    Trust(Trust),
    /// Look after the state's own certificates: national CVCA, document verifiers, inspection systems.
    #[command(subcommand)]
    Pki(Box<Pki>),
    /// Check the record of every change and access.
    #[command(subcommand)]
    Journal(Journal),
    /// Make a certificate for a terminal, an operator or a security officer of a test node, from the node's development authority.
    DevelopmentCertificate(DevelopmentCertificate),
    /// Ask a running service whether it is ready; exit status 0 when it is. For container health checks.
    Healthcheck(Healthcheck),
}

/// `straznica demo`
#[derive(Debug, Args, Default)]
pub struct Demo {
    /// Run one scene only.
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
    /// Keep databases, keys and certificates in this directory (it must not exist, or be empty). Default: a temporary one, removed at the end.
    #[arg(long, value_name = "DIRECTORY")]
    pub data_dir: Option<PathBuf>,
}

/// A scene of the demonstration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scene {
    /// A passport at the border: verdict, chain, signature, fingerprints; and the documents that are refused.
    BorderCheck,
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

/// `straznica serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// Every service, in this process, on embedded databases unless the configuration names others.
    #[arg(long, conflicts_with = "services", required_unless_present = "services")]
    pub all: bool,
    /// The services to run.
    #[arg(value_enum, value_name = "SERVICE")]
    pub services: Vec<ServiceName>,
    /// Where configuration comes from.
    #[command(flatten)]
    pub sources: Sources,
}

/// A service of the suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum ServiceName {
    /// REST for terminals and officials: the only door.
    Gateway,
    /// Inspection of travel documents.
    Identity,
    /// Trust store, national PKI, terminal control centre.
    Spoc,
}

impl ServiceName {
    /// In the order of starting: who is called before who calls.
    pub const IN_ORDER: [Self; 3] = [Self::Spoc, Self::Identity, Self::Gateway];

    /// Its name, as its certificate has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Identity => "identity",
            Self::Spoc => "spoc",
        }
    }
}

/// Where configuration comes from, weakest first: defaults, files in order, environment (`STRAZNICA__SECTION__MEMBER`), `--set`.
#[derive(Debug, Args, Clone, Default)]
pub struct Sources {
    /// A TOML file; may be given several times, later ones win.
    #[arg(long, value_name = "FILE")]
    pub config: Vec<PathBuf>,
    /// One value, e.g. `--set spoc.grpc_listen=127.0.0.1:7001`; wins over everything.
    #[arg(long, value_name = "MEMBER=VALUE")]
    pub set: Vec<String>,
}

/// `straznica config`
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Print every member with the value in force, as TOML. Secrets print as ***.
    Show(Sources),
}

/// `straznica cvc`
#[derive(Debug, Subcommand)]
pub enum Cvc {
    /// Decode one certificate, request or authenticated request (DER, hex or base64). Exit status 0, or 2 when it cannot be read.
    Show {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// The file.
        file: PathBuf,
    },
    /// Verify certificates against trusted ones. Exit status 0 valid, 1 not valid, 2 unreadable.
    Verify {
        /// Trusted certificates: self-signed CVCA certificates, and links from them.
        #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
        trust: Vec<PathBuf>,
        /// Day of the check; default today.
        #[arg(long, value_name = "YYYY-MM-DD")]
        at: Option<String>,
        /// Hold validity periods to a certificate policy too.
        #[arg(long, value_enum)]
        policy: Option<Policy>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// The certificates of the chain, in any order; `--` ends the list of an option before them.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Certificate policies `cvc verify` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Policy {
    /// The common certificate policy of the European extended access control PKI.
    #[value(name = "tr-03139")]
    Tr03139,
}

/// `straznica passport`
#[derive(Debug, Subcommand)]
pub enum Passport {
    /// Passive authentication of files read from a document. Exit status 0 genuine, 1 not genuine, 3 undetermined, 2 unreadable.
    Verify(Box<PassportVerify>),
}

/// `straznica passport verify`
#[derive(Debug, Args)]
pub struct PassportVerify {
    /// EF.SOD.
    #[arg(long, value_name = "FILE")]
    pub sod: PathBuf,
    /// A data group, e.g. `--dg 1=dg1.bin`.
    #[arg(long = "dg", value_name = "N=FILE", num_args = 1..)]
    pub data_groups: Vec<String>,
    /// EF.COM.
    #[arg(long, value_name = "FILE")]
    pub com: Option<PathBuf>,
    /// A CSCA certificate you trust.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub csca: Vec<PathBuf>,
    /// A master list; goes with one `--ml-anchor` each, in order. Without an anchor its issuer's trust is undetermined.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub master_list: Vec<PathBuf>,
    /// The CSCA that issued a master list's signer.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub ml_anchor: Vec<PathBuf>,
    /// A certificate revocation list.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub crl: Vec<PathBuf>,
    /// Day of the check; default today.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub at: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `straznica trust`
#[derive(Debug, Subcommand)]
pub enum Trust {
    /// Import a master list into a running spoc. Its anchor counts once two operators have confirmed it: the first import proposes it.
    Import {
        /// Certificate of the authority that issued the list's signer.
        #[arg(long, value_name = "FILE")]
        anchor: PathBuf,
        /// The master list.
        list: PathBuf,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Import a defect list into a running spoc; its anchor counts once two operators have confirmed it.
    ImportDefectList {
        /// Certificate of the authority that issued the list's signer.
        #[arg(long, value_name = "FILE")]
        anchor: PathBuf,
        /// The defect list.
        list: PathBuf,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Import a certificate revocation list of a trusted CSCA.
    ImportCrl {
        /// The list.
        list: PathBuf,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Trust a CSCA certificate received bilaterally, once two operators have confirmed it.
    AddCsca {
        /// The certificate.
        certificate: PathBuf,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Confirm an anchor another operator proposed, by the fingerprint you received on another channel.
    Confirm {
        /// SHA-256 of the certificate, hexadecimal.
        fingerprint: String,
        /// What the anchor is for.
        #[arg(long = "use", value_enum, default_value = "master-list")]
        r#use: AnchorUse,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Withdraw an anchor: what only it vouched for is trusted no more.
    Withdraw {
        /// SHA-256 of the certificate, hexadecimal.
        fingerprint: String,
        /// What the anchor is for.
        #[arg(long = "use", value_enum, default_value = "master-list")]
        r#use: AnchorUse,
        /// Why, for the journal.
        #[arg(long)]
        reason: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// What appears, disappears and conflicts between two master lists. Needs no server.
    Diff {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// The older list.
        old: PathBuf,
        /// The newer list.
        new: PathBuf,
    },
}

/// What an anchor is trusted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AnchorUse {
    /// It issues signers of master lists.
    MasterList,
    /// It issues signers of defect lists.
    DefectList,
    /// It is a CSCA received bilaterally.
    Csca,
}

impl AnchorUse {
    /// As it is typed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MasterList => "master-list",
            Self::DefectList => "defect-list",
            Self::Csca => "csca",
        }
    }
}

/// `straznica pki`
#[derive(Debug, Subcommand)]
pub enum Pki {
    /// Make the national CVCA: its key and self-signed certificate. It countersigns first requests to other states.
    CreateCvca {
        /// Up to nine characters; with the country it names the CVCA.
        #[arg(long, default_value = "CVCA")]
        mnemonic: String,
        /// Signature algorithm.
        #[arg(long, default_value = "id-TA-ECDSA-SHA-256")]
        algorithm: String,
        /// Standardised curve, or the modulus length for RSA.
        #[arg(long, default_value = "brainpoolP256r1")]
        parameters: String,
        /// Days of validity; 0: as configured.
        #[arg(long, default_value_t = 0)]
        days: u32,
        /// File to write the certificate to; it must not exist.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Register certificates of another state's CVCA: roots and links, in any order. The first root needs a second operator.
    ImportCvca {
        /// The certificates (DER, hexadecimal or base64).
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Confirm the fingerprint of a root another operator imported.
    ConfirmCvca {
        /// SHA-256 of the certificate, hexadecimal.
        fingerprint: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Make a document verifier's next key and the request for its certificate, as a file to send to the other state.
    Request {
        /// Country and mnemonic of the CVCA to ask, e.g. UTCVCA.
        cvca: String,
        /// Mnemonic of our document verifier under it.
        #[arg(long = "dv", default_value = "DV")]
        dv_mnemonic: String,
        /// File to write the request to; it must not exist.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Take in what a CVCA answered: the document verifier's certificate first, then CVCA certificates.
    ImportDv {
        /// The certificates (DER, hexadecimal or base64).
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Make an inspection system's key and certificate under the newest document verifier of a CVCA.
    IssueIs {
        /// Country and mnemonic of the CVCA.
        cvca: String,
        /// Mnemonic of the inspection system.
        #[arg(long, default_value = "IS")]
        mnemonic: String,
        /// Days of validity, at most 31; 0: as configured.
        #[arg(long, default_value_t = 0)]
        days: u32,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Suspend a document verifier or inspection system of ours: its chains and signatures are refused from now on.
    Suspend {
        /// Authority reference of its certificate.
        car: String,
        /// Holder reference of its certificate.
        chr: String,
        /// Why, for the journal.
        #[arg(long)]
        reason: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Lift a suspension.
    Resume {
        /// Authority reference of its certificate.
        car: String,
        /// Holder reference of its certificate.
        chr: String,
        /// Why, for the journal.
        #[arg(long)]
        reason: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Every certificate and open request, with its state and whether its key is here.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
}

/// How an operator reaches a running service.
#[derive(Debug, Args)]
pub struct OperatorAccess {
    /// gRPC address of spoc.
    #[arg(long, env = "STRAZNICA_SPOC", value_name = "HOST:PORT")]
    pub spoc: String,
    /// The operator's certificate, PEM. Its key is looked for beside it under the same name with `.key`, and `ca.pem` and `ca.crl.pem` in the
    /// same directory, as `straznica development-certificate` writes them.
    #[arg(long, env = "STRAZNICA_CERTIFICATE", value_name = "FILE")]
    pub certificate: PathBuf,
    /// The key, if it is elsewhere.
    #[arg(long, env = "STRAZNICA_KEY", value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// The authority spoc's certificate comes from, if it is elsewhere.
    #[arg(long, env = "STRAZNICA_CA", value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Why, for the journal.
    #[arg(long, default_value = "maintenance")]
    pub purpose: String,
}

/// `straznica journal`
#[derive(Debug, Subcommand)]
pub enum Journal {
    /// Recompute the tree of a journal and compare it with its signed checkpoints. Exit status 0 when everything holds, 1 when not.
    ///
    /// By the name of a service on this node, by a database, or by an export. Whoever audits gives the log's key (`--key`), received on another
    /// channel: a journal vouched for by its own key alone proves less, and the report says so.
    Verify {
        /// The journal of this node's service: database and key as configured. What the other services of the node remember of it is held
        /// against it too.
        #[arg(value_enum, required_unless_present_any = ["database", "export"])]
        service: Option<ServiceName>,
        /// A database, e.g. sqlite:///var/lib/straznica/spoc.db or postgres://…
        #[arg(long, value_name = "URL", conflicts_with_all = ["service", "export"])]
        database: Option<String>,
        /// An export.
        #[arg(long, value_name = "FILE", conflicts_with = "service")]
        export: Option<PathBuf>,
        /// The log's public key, as C2SP writes verifier keys: name+hash+key.
        #[arg(long, value_name = "VKEY", conflicts_with = "service")]
        key: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Where configuration comes from.
        #[command(flatten)]
        sources: Sources,
    },
    /// Write the journal of a service as JSON lines, for somebody outside to keep and to verify.
    Export {
        /// Whose journal.
        #[arg(value_enum)]
        service: ServiceName,
        /// The file to write; it must not exist.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// Where configuration comes from.
        #[command(flatten)]
        sources: Sources,
    },
}

/// `straznica development-certificate`
#[derive(Debug, Args)]
pub struct DevelopmentCertificate {
    /// What the certificate is for.
    #[arg(value_enum)]
    pub role: PeerRole,
    /// Whom it names, e.g. PL-WAW-017 or OP-07.
    pub id: String,
    /// Directory to write ID.pem, ID.key, ca.pem and ca.crl.pem into.
    #[arg(long, value_name = "DIRECTORY", default_value = ".")]
    pub to: PathBuf,
    /// Where configuration comes from: `data_dir` holds the authority.
    #[command(flatten)]
    pub sources: Sources,
}

/// Who can have a development certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PeerRole {
    /// A terminal; an operator enrols it before it may call.
    Terminal,
    /// Changes what is trusted, looks after keys and terminals.
    Operator,
    /// Reads the journal.
    SecurityOfficer,
}

/// `straznica healthcheck`
#[derive(Debug, Args)]
pub struct Healthcheck {
    /// Admin address of the service.
    #[arg(long, env = "STRAZNICA_ADMIN", default_value = "127.0.0.1:9090", value_name = "HOST:PORT")]
    pub admin: String,
}
