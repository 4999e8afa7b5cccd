//! `straznica spoc messages`.

use clap::{Subcommand, ValueEnum};

use super::Desk;

/// `straznica spoc messages`
#[derive(Debug, Subcommand)]
pub enum Messages {
    /// Messages received and sent, newest first.
    #[command(after_help = "Example:\n  straznica spoc messages list --country UT --state new")]
    List {
        /// Of this partner only.
        #[arg(long)]
        country: Option<String>,
        /// In this state only.
        #[arg(long, value_enum)]
        state: Option<MessageState>,
        /// At most this many.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
        /// Messages before this one: the last id of the page before.
        #[arg(long, value_name = "ID")]
        before: Option<String>,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// One message with its text, and what it proposes.
    #[command(
        visible_alias = "show",
        after_help = "Example:\n  straznica spoc messages read 0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77"
    )]
    Read {
        /// Its id.
        id: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Note that you have read a message.
    #[command(after_help = "Example:\n  straznica spoc messages ack 0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    Ack {
        /// Its id.
        id: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Subjects the standard has, each with its text and what it implies for who receives it.
    #[command(after_help = "Example:\n  straznica spoc messages templates")]
    Templates {
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Write to a partner, with a template or in your own words.
    #[command(
        after_help = "Examples:\n  straznica spoc messages send UT --template \"DV private key compromised\" --set reference=PLDV00007 \\\n    \
        --set from=2026-11-20 --set reason=\"the cabinet was forced\"\n  \
        straznica spoc messages send UT --subject \"Test of the channel\" --body \"Please answer by telephone.\""
    )]
    Send {
        /// The partner's country, two letters.
        country: String,
        /// A subject of the standard, as `templates` prints it.
        #[arg(long, conflicts_with = "subject", required_unless_present = "subject")]
        template: Option<String>,
        /// A value of the template, e.g. `--set reference=PLDV00007`; all that it takes, as `templates` prints them.
        #[arg(long, value_name = "NAME=VALUE", requires = "template")]
        set: Vec<String>,
        /// The subject, without a template.
        #[arg(long, requires = "body")]
        subject: Option<String>,
        /// The text, without a template.
        #[arg(long, conflicts_with = "template")]
        body: Option<String>,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
    /// Decide on what a received message proposes, e.g. the suspension a compromised key implies.
    #[command(
        after_help = "Examples:\n  straznica spoc messages decide 0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77 accept --target UTDV --reason \"confirmed by telephone\"\n  \
        straznica spoc messages decide 0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77 reject --reason \"sent by mistake, call of 12 May\""
    )]
    Decide {
        /// The message's id.
        id: String,
        /// What you decide.
        #[arg(value_enum)]
        decision: Decision,
        /// Whom a suspension is for, where the message does not name exactly one: country and mnemonic of a document verifier or CVCA.
        #[arg(long)]
        target: Option<String>,
        /// Beginning of an outage, where the message does not name it: a day (midnight UTC) or an instant (RFC 3339).
        #[arg(long, value_name = "WHEN")]
        from: Option<String>,
        /// End of an outage.
        #[arg(long, value_name = "WHEN")]
        until: Option<String>,
        /// Why, for the journal.
        #[arg(long)]
        reason: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        desk: Desk,
    },
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MessageState {
    /// Received, and nobody has acknowledged it.
    New,
    /// Received and acknowledged.
    Acknowledged,
    /// On its way to the partner.
    Sending,
    /// The partner has it.
    Delivered,
    /// It could not be delivered.
    Failed,
}

/// What an officer makes of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Decision {
    /// It is carried out.
    Accept,
    /// It is not.
    Reject,
}
