//! `straznica spoc partners`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::Desk;

/// `straznica spoc partners`
#[derive(Debug, Subcommand)]
pub enum Partners {
    /// Print a commented registration to fill in. Needs no server.
    #[command(after_help = "Example:\n  straznica spoc partners example > utopia.toml")]
    Example,
    /// Print the profile of an edition of the SOAP binding: what it calls things, as a file to edit for a partner that calls them otherwise. Needs no
    /// server.
    #[command(after_help = "Example:\n  straznica spoc partners profile 2018 > ut-2018.toml")]
    Profile {
        /// Which edition; the text of 2018 is not public, so that one is a guess.
        #[arg(value_enum)]
        edition: Edition,
    },
    /// Propose a partner, or a change of one, from a file. Another officer confirms it with the fingerprints.
    #[command(after_help = "Example:\n  straznica spoc partners register utopia.toml")]
    Register {
        /// The registration, TOML, as `example` prints one. Certificates it names are looked for beside it.
        file: PathBuf,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Confirm what another officer proposed: a registration by the fingerprints you received on another channel, or a resumption.
    #[command(
        after_help = "Example:\n  straznica spoc partners confirm 0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77 --fingerprint 9f86d081…0a08"
    )]
    Confirm {
        /// The proposal's id.
        proposal: String,
        /// SHA-256 of each proposed root, hexadecimal, as you received it; a change of a registration and a resumption need none.
        #[arg(long = "fingerprint", value_name = "SHA-256")]
        fingerprints: Vec<String>,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Take a proposal back.
    #[command(
        after_help = "Example:\n  straznica spoc partners drop 0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77 --reason \"wrong profile\""
    )]
    Drop {
        /// The proposal's id.
        proposal: String,
        /// Why, for the journal.
        #[arg(long)]
        reason: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Every partner, a line each.
    #[command(after_help = "Example:\n  straznica spoc partners list")]
    List {
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// One partner with its roots, CVCAs, outages and what waits for a second officer.
    #[command(after_help = "Example:\n  straznica spoc partners show UT")]
    Show {
        /// The partner's country, two letters.
        country: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// The health board: last contact, open requests both ways, what expires next.
    #[command(after_help = "Example:\n  straznica spoc partners health")]
    Health {
        /// One partner only.
        country: Option<String>,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Suspend a partner at once: it is not let in and not written to. One officer is enough.
    #[command(
        after_help = "Example:\n  straznica spoc partners suspend UT --reason \"their SPOC key is reported stolen\""
    )]
    Suspend {
        /// The partner's country, two letters.
        country: String,
        /// Why, for the journal.
        #[arg(long)]
        reason: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Propose to lift a suspension; another officer confirms it.
    #[command(
        after_help = "Example:\n  straznica spoc partners resume UT --reason \"new SPOC certificate seen, call of 12 May\""
    )]
    Resume {
        /// The partner's country, two letters.
        country: String,
        /// Why, for the journal.
        #[arg(long)]
        reason: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// End the registration of a partner for good.
    #[command(after_help = "Example:\n  straznica spoc partners withdraw UT --reason \"agreement ended\"")]
    Withdraw {
        /// The partner's country, two letters.
        country: String,
        /// Why, for the journal.
        #[arg(long)]
        reason: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Enter the next root of a partner's SPOC; the one in use stays beside it until its own period ends.
    #[command(
        after_help = "Example:\n  straznica spoc partners announce-root UT root-2.cer --from 2027-03-01 --until 2030-03-01"
    )]
    AnnounceRoot {
        /// The partner's country, two letters.
        country: String,
        /// The root certificate (X.509; DER, PEM, hexadecimal or base64).
        root: PathBuf,
        /// The root link certificate: the new root's key signed by the root in use.
        #[arg(long, value_name = "FILE")]
        link: Option<PathBuf>,
        /// First day of use; default: the certificate's.
        #[arg(long, value_name = "YYYY-MM-DD")]
        from: Option<String>,
        /// Day on which use ends; default: the certificate's.
        #[arg(long, value_name = "YYYY-MM-DD")]
        until: Option<String>,
        /// What it may be used over; default: what its key can serve.
        #[arg(long, value_enum)]
        bindings: Option<RootBindings>,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Confirm an announced root by the fingerprint you received on another channel.
    #[command(
        after_help = "Example:\n  straznica spoc partners confirm-root UT 9f86d081…0a08 --proposal 3f9a0c41d2b87e65"
    )]
    ConfirmRoot {
        /// The partner's country, two letters.
        country: String,
        /// SHA-256 of the root, hexadecimal.
        fingerprint: String,
        /// Name of the announcement you have seen (`straznica spoc partners show UT`): its period and bindings.
        #[arg(long)]
        proposal: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Withdraw a root at once: whoever it vouched for is not let in any more.
    #[command(
        after_help = "Example:\n  straznica spoc partners withdraw-root UT 9f86d081…0a08 --reason \"key compromised\""
    )]
    WithdrawRoot {
        /// The partner's country, two letters.
        country: String,
        /// SHA-256 of the root, hexadecimal.
        fingerprint: String,
        /// Why, for the journal.
        #[arg(long)]
        reason: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Take in a partner's revocation list as a file, for when it cannot be fetched. It counts like a fetched one until it ends or a newer one is there.
    #[command(
        after_help = "Example:\n  straznica spoc partners import-crl UT utopia.crl\n  straznica spoc partners import-crl UT utopia-tls.crl --authority utopia-tls.cer"
    )]
    ImportCrl {
        /// The partner's country, two letters.
        country: String,
        /// The list.
        crl: PathBuf,
        /// Certificate that leads from the authority that issued the list, its own among them, to a registered root; none for a root's list.
        #[arg(long = "authority", value_name = "FILE")]
        authorities: Vec<PathBuf>,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Times in which a partner said it cannot be reached: nothing is sent meanwhile, and renewals begin earlier.
    #[command(subcommand)]
    Outage(Outage),
    /// What waits for a partner as a signed file for e-mail, when the link is down.
    #[command(subcommand)]
    Bundle(Bundle),
}

/// An edition of the standard whose profile comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Edition {
    /// CSN 36 9791:2009.
    #[value(name = "2009")]
    Of2009,
    /// Doc 9303 part 12.
    Icao,
    /// CSN 36 9791:2018, unverified.
    #[value(name = "2018")]
    Of2018,
}

impl Edition {
    /// The profile's name.
    #[must_use]
    pub const fn profile(self) -> &'static str {
        match self {
            Self::Of2009 => "2009",
            Self::Icao => "icao",
            Self::Of2018 => "2018",
        }
    }
}

/// What a root may be used over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RootBindings {
    /// The gRPC binding.
    Grpc,
    /// The SOAP binding of the standard.
    Soap,
    /// Either.
    Both,
}

/// `straznica spoc partners outage`
#[derive(Debug, Subcommand)]
pub enum Outage {
    /// Enter an outage a partner announced.
    #[command(
        after_help = "Example:\n  straznica spoc partners outage add UT --from 2027-05-01T00:00Z --until 2027-05-15T00:00Z --reason \"move of their data centre\""
    )]
    Add {
        /// The partner's country, two letters.
        country: String,
        /// Beginning: a day (midnight UTC) or an instant (RFC 3339).
        #[arg(long, value_name = "WHEN")]
        from: String,
        /// End.
        #[arg(long, value_name = "WHEN")]
        until: String,
        /// What the partner gave as the reason.
        #[arg(long)]
        reason: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Take an outage back, or end it early.
    #[command(
        after_help = "Example:\n  straznica spoc partners outage remove 0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77 --reason \"back a week early\""
    )]
    Remove {
        /// Its id, as `show` prints it.
        id: String,
        /// Why, for the journal.
        #[arg(long)]
        reason: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
}

/// `straznica spoc partners bundle`
#[derive(Debug, Subcommand)]
pub enum Bundle {
    /// Write what waits for a partner to a file signed by our SPOC, to be sent by e-mail.
    #[command(after_help = "Example:\n  straznica spoc partners bundle export UT --out for-utopia.p7m")]
    Export {
        /// The partner's country, two letters.
        country: String,
        /// File to write; it must not exist.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Take in a file a partner sent by e-mail, and write our answers to another. Exit status 0 when it was taken in, be it once more; 1 when it is refused.
    #[command(after_help = "Example:\n  straznica spoc partners bundle import from-utopia.p7m --out answers.p7m")]
    Import {
        /// The file.
        bundle: PathBuf,
        /// File to write the answers to; it must not exist.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
}
