//! `straznica registry`: the register of aliens, from an officer's or operator's own desk.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use straznica_types::CivilDate;

use super::OperatorCertificate;

/// `straznica registry`
#[derive(Debug, Subcommand)]
pub enum Registry {
    /// Who somebody is, as it was stated.
    #[command(subcommand)]
    Persons(Persons),
    /// A case, its stage and deadlines.
    #[command(subcommand)]
    Cases(Cases),
    /// Consultations: who was asked about whom, by when silence is an answer, and what went over the network.
    #[command(subcommand)]
    Consultations(Consultations),
    /// Open cases in fair order: what is due first, and of what is due alike, what has waited longest.
    #[command(after_help = "Example:\n  straznica registry worklist --case-type protection --limit 20")]
    Worklist {
        /// Only cases of this type, e.g. protection.
        #[arg(long, default_value = "", hide_default_value = true)]
        case_type: String,
        /// At most this many.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// Persons somebody may be, the likeliest first, with what speaks for each and against.
    ///
    /// Who is looked for is read from standard input, one line: it is personal, and what is typed after a command is seen by others and kept.
    #[command(
        after_help = "Example:\n  straznica registry find --case DPU.420.1.2026 --born 1990-05 --nationality UKR <<< 'Szewczenko Ołeksandr'"
    )]
    Find(Find),
    /// Pairs of persons who may be one, and about whom nobody has decided.
    #[command(after_help = "Example:\n  straznica registry duplicates --case DPU.420.1.2026")]
    Duplicates {
        /// At most this many.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=50))]
        limit: u32,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// Merges that wait for another officer; of one person all there were, whatever became of them.
    #[command(after_help = "Example:\n  straznica registry merges --case DPU.420.1.2026")]
    Merges {
        /// The person's id; without it what waits.
        person: Option<String>,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// Documents that came of a case, with what was done with each.
    #[command(after_help = "Example:\n  straznica registry documents 0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    Documents {
        /// The case's id.
        #[arg(value_name = "CASE")]
        id: String,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// Visas of the persons of a case, as the register of visas has them at this moment. Nothing of the answer is kept.
    ///
    /// Exit status 1 when it could not be asked about somebody's document: that is never "none".
    #[command(
        after_help = "Example:\n  straznica registry visas 0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77 --case DPU.420.1.2026"
    )]
    Visas {
        /// The case's id.
        #[arg(value_name = "CASE")]
        id: String,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// Files that come in: persons another authority sends, and registers that are replaced.
    #[command(subcommand)]
    Intakes(Intakes),
    /// Blanks of an office: what happened to those of a kind beside what is there, and what waits for a second officer.
    ///
    /// Exit status 1 when both sides of the books differ.
    #[command(after_help = "Example:\n  straznica registry blanks debak tztc")]
    Blanks {
        /// The office.
        office: String,
        /// The kind of blanks.
        kind: String,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// Checks of persons against alerts (Schengen Information System), and what waits for officers.
    #[command(subcommand)]
    Alerts(Alerts),
    /// How long what is kept of cases is kept, and what is due for erasure.
    #[command(subcommand)]
    Retention(Retention),
    /// The law of cases as files. Needs no server.
    #[command(subcommand)]
    Rules(Rules),
    /// The days off of a year, with the law that makes them so. Needs no server.
    #[command(after_help = "Example:\n  straznica registry holidays 2027")]
    Holidays {
        /// The year.
        #[arg(value_parser = clap::value_parser!(i64).range(1918..=9998))]
        year: i64,
        /// A file of days off (`registry.holidays`) in place of the program's own.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// Print JSON: days, each with day, id, title and basis.
        #[arg(long)]
        json: bool,
    },
}

/// `straznica registry find`
#[derive(Debug, Args)]
pub struct Find {
    /// It is a number: of a document, of the register, of a case.
    #[arg(long, conflicts_with_all = ["born", "nationality", "sex"])]
    pub number: bool,
    /// When they were born, as precisely as it is known: a day, a month or a year.
    #[arg(long, value_name = "DATE", default_value = "", hide_default_value = true)]
    pub born: String,
    /// Their nationality, three letters.
    #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
    pub nationality: String,
    /// Their sex, as documents have it.
    #[arg(long)]
    pub sex: Option<AskedSex>,
    /// As it was known then: a day (its first moment, UTC) or an instant; without it as it is known now.
    #[arg(long, value_name = "WHEN")]
    pub known_at: Option<String>,
    /// At most this many.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=50))]
    pub limit: u32,
    /// Which registry, as whom.
    #[command(flatten)]
    pub desk: RegistryDesk,
}

/// A sex somebody is looked for by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AskedSex {
    /// F.
    Female,
    /// M.
    Male,
    /// X.
    Other,
}

/// Which entries of a record's history.
#[derive(Debug, Args)]
pub struct Accesses {
    /// The id of the person or case.
    pub id: String,
    /// Only what was recorded before this position of the journal.
    #[arg(long)]
    pub before: Option<u64>,
    /// At most this many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub limit: u32,
    /// Which registry, as whom.
    #[command(flatten)]
    pub desk: RegistryDesk,
}

/// `straznica registry persons`
#[derive(Debug, Subcommand)]
pub enum Persons {
    /// What is known of a person: now, or at a moment; today, or of another day.
    #[command(
        after_help = "Example:\n  straznica registry persons show 0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55 --case DPU.420.1.2026 --known-at 2026-05-28T09:30:00Z"
    )]
    Show {
        /// The person's id.
        person: String,
        /// What was known then: a day (its first moment, UTC) or an instant; without it what is known now.
        #[arg(long, value_name = "WHEN")]
        known_at: Option<String>,
        /// As it was on this day; without it today, in Warsaw.
        #[arg(long, value_name = "DAY")]
        valid_on: Option<CivilDate>,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// Everything ever stated of a person, with what became of it.
    #[command(
        after_help = "Example:\n  straznica registry persons history 0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55 --case DPU.420.1.2026"
    )]
    History {
        /// The person's id.
        person: String,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// Who changed and read what is kept of a person, the newest first.
    #[command(
        after_help = "Example:\n  straznica registry persons accesses 0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55 --case DPU.420.1.2026"
    )]
    Accesses(Accesses),
}

/// `straznica registry cases`
#[derive(Debug, Subcommand)]
pub enum Cases {
    /// A case: what happened, what is due by when, and why then.
    #[command(after_help = "Example:\n  straznica registry cases show 0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77 --why")]
    Show {
        /// The case's id, as the worklist has it.
        #[arg(value_name = "CASE")]
        id: String,
        /// As it stood then: a day (its first moment, UTC) or an instant.
        #[arg(long, value_name = "WHEN")]
        at: Option<String>,
        /// Tell of each deadline the law it comes from and how it was counted, step by step.
        #[arg(long)]
        why: bool,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// Who changed and read a case, the newest first.
    #[command(after_help = "Example:\n  straznica registry cases accesses 0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    Accesses(Accesses),
}

/// `straznica registry alerts`
#[derive(Debug, Subcommand)]
pub enum Alerts {
    /// Possible hits nobody has resolved, the oldest first.
    #[command(after_help = "Example:\n  straznica registry alerts open --limit 20")]
    Open {
        /// At most this many.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// The checks of a person, and of whom they were merged with, the newest first.
    #[command(
        after_help = "Example:\n  straznica registry alerts person 0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55 --case DPU.420.1.2026"
    )]
    Person {
        /// The person's id.
        person: String,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// The checks made for a case, the newest first, and what was recorded with other states.
    #[command(after_help = "Example:\n  straznica registry alerts case 0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    Case {
        /// The case's id, as the worklist has it.
        #[arg(value_name = "CASE")]
        id: String,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
}

/// `straznica registry consultations`
#[derive(Debug, Subcommand)]
pub enum Consultations {
    /// The open ones, what the Head has to do that ends first coming first; or those of a case.
    #[command(
        after_help = "Example:\n  straznica registry consultations list --of-case 0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77"
    )]
    List {
        /// Those of this case, open or not.
        #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
        of_case: String,
        /// At most this many.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// A consultation: who was asked, what was said, by when, and why by then.
    #[command(
        after_help = "Example:\n  straznica registry consultations show 0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55 --purpose consultations --why"
    )]
    Show {
        /// The consultation's id, as the list has it.
        #[arg(value_name = "CONSULTATION")]
        id: String,
        /// Tell of each deadline the law it comes from and how it was counted, step by step.
        #[arg(long)]
        why: bool,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// What went over the consultation network, and what did not arrive.
    #[command(after_help = "Example:\n  straznica registry consultations network --purpose consultations")]
    Network {
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
}

/// `straznica registry retention`
#[derive(Debug, Subcommand)]
pub enum Retention {
    /// The rules, with the place in the law each comes from.
    #[command(after_help = "Example:\n  straznica registry retention rules")]
    Rules {
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// What a rule would have erased today, and what stays because of a hold.
    #[command(after_help = "Example:\n  straznica registry retention due protection_files")]
    Due {
        /// The rule.
        rule: String,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// Erasures, the newest first: which wait for another officer, and which were approved by whom.
    #[command(after_help = "Example:\n  straznica registry retention erasures")]
    Erasures {
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
}

/// `straznica registry intakes`
#[derive(Debug, Subcommand)]
pub enum Intakes {
    /// Send a file: every row is looked at, nothing is taken in. Another officer starts it.
    ///
    /// Without a mapping the file has our own columns (docs/operations/registry.md lists them), and `--source` and `--kind` say where its rows come from and what they are.
    #[command(
        after_help = "Examples:\n  straznica registry intakes propose persons.csv --source centre.debak --kind persons --case DI.0123.7.2026\n  straznica registry intakes propose OSOBY.TXT --mapping pobyt-v1-persons --encoding windows-1250 --dry-run --case DI.0123.7.2026"
    )]
    Propose {
        /// The file: up to 64 MiB and 100,000 rows.
        file: PathBuf,
        /// Where the rows come from.
        #[arg(
            long,
            conflicts_with = "mapping",
            required_unless_present = "mapping",
            default_value = "",
            hide_default_value = true
        )]
        source: String,
        /// What the rows are.
        #[arg(long, conflicts_with = "mapping", required_unless_present = "mapping")]
        kind: Option<FileKind>,
        /// A mapping of the node (`registry.mappings`), which says source and kind.
        #[arg(long, default_value = "", hide_default_value = true)]
        mapping: String,
        /// How the file is written.
        #[arg(long, default_value = "csv")]
        format: FileFormat,
        /// Its encoding: said, never guessed.
        #[arg(long, default_value = "utf-8")]
        encoding: FileEncoding,
        /// Only find out what would happen.
        #[arg(long)]
        dry_run: bool,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// Intakes, the newest first: those that wait for another officer among them.
    #[command(after_help = "Example:\n  straznica registry intakes list --case DI.0123.7.2026")]
    List {
        /// Only those proposed before this one.
        #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
        before: String,
        /// At most this many.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// How far an intake has come.
    #[command(
        after_help = "Example:\n  straznica registry intakes show 0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c63 --case DI.0123.7.2026"
    )]
    Show {
        /// The intake's id, as the list has it.
        #[arg(value_name = "INTAKE")]
        id: String,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// Its rows with their outcomes, in the order of the file.
    #[command(
        after_help = "Example:\n  straznica registry intakes rows 0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c63 --outcome refused --case DI.0123.7.2026"
    )]
    Rows {
        /// The intake's id, as the list has it.
        #[arg(value_name = "INTAKE")]
        id: String,
        /// Only those with this outcome.
        #[arg(long)]
        outcome: Option<RowOutcome>,
        /// Rows after this number.
        #[arg(long, default_value_t = 0)]
        after: u64,
        /// At most this many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// Start what another officer proposed: its rows are taken in, one by one.
    #[command(
        after_help = "Example:\n  straznica registry intakes start 0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c63 --case DI.0123.7.2026"
    )]
    Start {
        /// The intake's id, as the list has it.
        #[arg(value_name = "INTAKE")]
        id: String,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// Give an intake up: what was taken in by then stays, what waits is forgotten.
    #[command(
        after_help = "Example:\n  straznica registry intakes give-up 0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c63 --case DI.0123.7.2026"
    )]
    GiveUp {
        /// The intake's id, as the list has it.
        #[arg(value_name = "INTAKE")]
        id: String,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// What a number of a replaced register belongs to. The number is read from standard input, one line: it is personal.
    #[command(
        after_help = "Example:\n  straznica registry intakes number --source pobyt-v1 --case DPU.420.1.2026 <<< 'A-1997/00017'"
    )]
    Number {
        /// Only of this source.
        #[arg(long, default_value = "", hide_default_value = true)]
        source: String,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// A person's cases and consultations as they were kept before.
    #[command(
        after_help = "Example:\n  straznica registry intakes records 0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55 --case DPU.420.1.2026"
    )]
    Records {
        /// The person's id.
        person: String,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
    /// What a source sent last against what the register holds of it.
    ///
    /// Exit status 1 when both sides do not add up.
    #[command(after_help = "Example:\n  straznica registry intakes reconcile pobyt-v1 --case DI.0123.7.2026")]
    Reconcile {
        /// The source.
        source: String,
        /// Which registry, as whom.
        #[command(flatten)]
        desk: RegistryDesk,
    },
}

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FileKind {
    /// Persons to be registered.
    Persons,
    /// More that is stated of persons brought in before.
    Facts,
    /// Cases as they were kept before.
    Cases,
    /// Consultations as they were kept before.
    Consultations,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    /// With a header, separated by ',' or ';' (RFC 4180).
    Csv,
    /// An object of texts a line.
    JsonLines,
}

/// The encoding of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FileEncoding {
    /// UTF-8.
    #[value(name = "utf-8")]
    Utf8,
    /// Windows-1250.
    #[value(name = "windows-1250")]
    Windows1250,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RowOutcome {
    /// Nothing yet.
    Waiting,
    /// Taken in; in a dry run: it would be.
    Accepted,
    /// Taken in before, and it says the same.
    Unchanged,
    /// It says why.
    Refused,
}

/// `straznica registry rules`
#[derive(Debug, Subcommand)]
pub enum Rules {
    /// The rule sets: which cases they govern, and on which days they hold.
    #[command(after_help = "Example:\n  straznica registry rules list --rules /etc/straznica/rules")]
    List {
        /// A directory of rule sets (`registry.rules`) in place of the program's own.
        #[arg(long, value_name = "DIRECTORY")]
        rules: Option<PathBuf>,
        /// Print JSON: sets, each with id, family, title, from, to, cases.
        #[arg(long)]
        json: bool,
    },
    /// Check files of rules as registry does when it starts: each by itself, and all of them together.
    ///
    /// Exit status 0 when they are sound, 1 when something in them is wrong, told with file and line, 2 when a file cannot be read.
    #[command(after_help = "Example:\n  straznica registry rules check protection-2015.toml protection-2026.toml")]
    Check {
        /// The files. Laws that follow each other are checked together, so name all of a family.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Print JSON: sound, error.
        #[arg(long)]
        json: bool,
    },
}

/// Which registry, as whom, and how the answer is printed.
#[derive(Debug, Args)]
pub struct RegistryDesk {
    /// Print JSON: the answer as the contract has it, members named as there.
    #[arg(long)]
    pub json: bool,
    /// gRPC address of registry.
    #[arg(long, env = "STRAZNICA_REGISTRY", value_name = "HOST:PORT")]
    pub registry: String,
    /// As whom.
    #[command(flatten)]
    pub certificate: OperatorCertificate,
    /// What the register is looked at for, for the journal: one of the node's purposes (`registry.purposes`).
    #[arg(long, default_value = "protection_proceedings")]
    pub purpose: String,
    /// In which case, for the journal. No person is shown without.
    #[arg(long, value_name = "NUMBER", default_value = "", hide_default_value = true)]
    pub case: String,
}
