//! `straznica pki`.

use std::path::PathBuf;

use clap::Subcommand;

use super::OperatorAccess;

/// `straznica pki`
#[derive(Debug, Subcommand)]
pub enum Pki {
    /// Make the national CVCA: its key and self-signed certificate. It countersigns first requests to other states.
    #[command(
        after_help = "Examples:\n  straznica pki create-cvca --out PLCVCA.cvcert\n  straznica pki create-cvca --algorithm id-TA-RSA-PSS-SHA-256 --parameters 3072 --out PLCVCA.cvcert"
    )]
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
    #[command(after_help = "Example:\n  straznica pki import-cvca UTCVCA00001.cvcert UTCVCA00002.link.cvcert")]
    ImportCvca {
        /// The certificates (DER, hexadecimal or base64).
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Confirm the fingerprint of a root another operator imported. One about which something is found is confirmed with --despite-findings alone: without it the
    /// findings are told, and the exit status is 1.
    #[command(
        after_help = "Example:\n  straznica pki confirm-cvca 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n  straznica pki confirm-cvca 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 --despite-findings"
    )]
    ConfirmCvca {
        /// SHA-256 of the certificate, hexadecimal.
        fingerprint: String,
        /// You have read what is found about it: how it departs from policy, that its CVCA is not registered of the partner.
        #[arg(long)]
        despite_findings: bool,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Put away a root that waits for officers: its fingerprint is not the one you were told, or nobody knows it. One officer is enough.
    #[command(
        after_help = "Example:\n  straznica pki reject-cvca UTCVCA00002 --reason \"not the fingerprint of their letter\""
    )]
    RejectCvca {
        /// Its holder reference, e.g. UTCVCA00002.
        chr: String,
        /// Why, for the journal.
        #[arg(long)]
        reason: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Make the key of the exchange's TLS identity in the key store, and the request for its certificate (PKCS#10, DER).
    #[command(
        after_help = "Example:\n  straznica pki exchange-key --organisation \"Straż Graniczna\" --common-name \"PL SPOC\" --host spoc.example.pl --out spoc.csr"
    )]
    ExchangeKey {
        /// The authority, for the certificate's subject.
        #[arg(long)]
        organisation: String,
        /// The SPOC's name, for the certificate's subject.
        #[arg(long)]
        common_name: String,
        /// DNS name or address partners reach the SPOC by.
        #[arg(long)]
        host: String,
        /// File to write the request to; it must not exist.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Make a document verifier's next key and the request for its certificate, as a file to send to the other state.
    #[command(after_help = "Example:\n  straznica pki request UTCVCA --out for-utopia.cvreq")]
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
    #[command(after_help = "Example:\n  straznica pki import-dv PLDV00008.cvcert UTCVCA00002.link.cvcert")]
    ImportDv {
        /// The certificates (DER, hexadecimal or base64).
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Make an inspection system's key and certificate under the newest document verifier of a CVCA.
    #[command(after_help = "Example:\n  straznica pki issue-is UTCVCA --days 14")]
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
    /// Make a document verifier's next key and certificate under our own CVCA, by the rules for other states' document verifiers: it has to be
    /// registered (`straznica spoc holders register`).
    #[command(after_help = "Example:\n  straznica pki issue-dv PLCVCA")]
    IssueDv {
        /// Country and mnemonic of our CVCA, e.g. PLCVCA.
        cvca: String,
        /// Mnemonic of our document verifier under it.
        #[arg(long = "dv", default_value = "DV")]
        dv_mnemonic: String,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Suspend a document verifier or inspection system of ours: its chains and signatures are refused from now on.
    #[command(after_help = "Example:\n  straznica pki suspend UTCVCA00005 PLDV00007 --reason \"key store opened\"")]
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
    /// Propose to lift a suspension; another officer who types the same, with the same reason, lifts it.
    #[command(
        after_help = "Example:\n  straznica pki resume UTCVCA00005 PLDV00007 --reason \"found in the second safe\""
    )]
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
    /// How far the sequence numbers of our holders have come: the reference each was given last.
    #[command(after_help = "Example:\n  straznica pki sequences")]
    Sequences {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Raise the sequence of one of our holders to a reference known to have been used: neither it nor one before it is given again. For a database brought
    /// back from a backup. A sequence is never lowered.
    #[command(
        after_help = "Example:\n  straznica pki raise-sequence PLDV00042 --reason \"UT holds a certificate of this reference\""
    )]
    RaiseSequence {
        /// The highest holder reference known to have been used, e.g. PLDV00042.
        chr: String,
        /// Where it is known from, for the journal.
        #[arg(long)]
        reason: String,
        /// It is meant, though the holder was given no number here, or more than 10,000 would be skipped.
        #[arg(long)]
        despite_doubts: bool,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
    /// Every certificate and open request, with its state and whether its key is here.
    #[command(after_help = "Example:\n  straznica pki list")]
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Which spoc, as whom.
        #[command(flatten)]
        operator: OperatorAccess,
    },
}
