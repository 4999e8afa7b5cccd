//! What can be typed after `straznica`, and what `--help` teaches: a file a group of commands.

mod account;
mod conformance;
mod cvc;
mod demo;
mod journal;
mod names;
mod node;
mod operator;
mod passport;
mod pki;
mod registry;
mod serve;
mod spoc;
mod trust;

use clap::{Parser, Subcommand};

pub use account::{Account, AccountDesk};
pub use conformance::Conformance;
pub use cvc::{Cvc, Policy};
pub use demo::{Demo, Sabotage, Scene};
pub use journal::Journal;
pub use names::Names;
pub use node::{DevelopmentCertificate, Healthcheck, PeerRole};
pub use operator::{GatewayAccess, OperatorAccess, OperatorCertificate};
pub use passport::{Passport, PassportVerify};
pub use pki::Pki;
pub use registry::{
    Accesses, Alerts, AskedSex, Cases, Consultations, FileEncoding, FileFormat, FileKind, Find, Intakes, Persons,
    Registry, RegistryDesk, Retention, RowOutcome, Rules,
};
pub use serve::{Config, Serve, ServiceName, Sources};
pub use spoc::{
    Bundle, CertificateKind, Certificates, Decision, DeliveryState, Desk, Holder, Holders, MessageState, Messages,
    Outage, Page, Partners, Renewals, RequestState, Requests, Rollover, RootBindings, Spoc, SpocCommand,
};
pub use trust::{AnchorUse, Trust};

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
    /// Compare names of people across scripts. Needs no server.
    #[command(subcommand)]
    Names(Names),
    /// Look after the trust in other states' documents.
    #[command(subcommand)]
    Trust(Trust),
    /// Look after the state's own certificates: national CVCA, document verifiers, inspection systems.
    #[command(subcommand)]
    Pki(Box<Pki>),
    /// Exchange certificates with other states: partners, their requests, our renewals, messages, conformance to the standard. Exit status of what is
    /// asked of a node: 0 done, 1 refused or not reached, 2 wrong words.
    #[command(subcommand)]
    Spoc(Box<SpocCommand>),
    /// Look at the register of aliens: persons, cases with their deadlines, the worklist, the law as files.
    #[command(subcommand)]
    Registry(Box<Registry>),
    /// Look after the local accounts of a test node, with which people log in where there is no login provider.
    #[command(subcommand)]
    Account(Account),
    /// Check the record of every change and access.
    #[command(subcommand)]
    Journal(Journal),
    /// Make a certificate for a terminal, an operator or a security officer of a test node, from the node's development authority.
    DevelopmentCertificate(DevelopmentCertificate),
    /// Ask a running service whether it is ready; exit status 0 when it is. For container health checks.
    Healthcheck(Healthcheck),
}
