//! `straznica names`: tools that need no server.

use std::path::PathBuf;

use clap::Subcommand;

/// `straznica names`
#[derive(Debug, Subcommand)]
pub enum Names {
    /// Compare two names, in any script, order and spelling, and say why they are or are not one.
    ///
    /// The score runs from 0 (two people) to 1 (the same words); from 0.5 on the names match. A match is a proposal: an officer decides whether
    /// two people are one. Exit status 0 whether they match or not.
    ///
    /// Try `straznica names compare "Ганна Шевчук" "SZEWCZUK, Hanna"`.
    Compare {
        /// A name.
        #[arg(value_name = "NAME")]
        first: String,
        /// The other.
        #[arg(value_name = "OTHER NAME")]
        second: String,
        /// Print JSON: score, match, why.
        #[arg(long)]
        json: bool,
    },
    /// Compare the pairs of a file and tell how often that agrees with what people decided.
    ///
    /// The file is CSV in UTF-8 with a header; the columns name1, name2 and is_match (true or false) are read, others are not. Told are F1,
    /// precision and recall at the fixed threshold, F1 of the pairs with a name beyond ASCII, and the time a pair takes from text to score.
    /// Exit status 0, or 2 when the file is not one of labelled pairs.
    Evaluate {
        /// The labelled pairs.
        file: PathBuf,
        /// Print JSON: f1, precision, recall, f1_non_ascii, threshold, micros_per_pair.
        #[arg(long)]
        json: bool,
    },
    /// Find the records of one file and of another that are about one person, and say why.
    ///
    /// Both files are CSV in UTF-8 with a header. Columns are known by their header: rec_id or id; given_name, surname, date_of_birth, sex, nationality,
    /// soc_sec_id (or identifier), document, street_number, address_1 (or street), address_2, suburb (or place), postcode, state (or region).
    /// Others are not read. Names may be in any script; dates are YYYY-MM-DD or YYYYMMDD, or the first parts of it.
    ///
    /// How much each field weighs is estimated from the files (Fellegi and Sunter), so nobody has to label anything; files of thousands of rows are
    /// judged better than files of ten. Long work tells on standard error how far it has come. Exit status 0, or 2 when a file cannot be
    /// read.
    ///
    /// Try `straznica names link old-register.csv new-register.csv --json`.
    Link {
        /// A file of persons.
        #[arg(value_name = "FILE")]
        first: PathBuf,
        /// The other.
        #[arg(value_name = "OTHER FILE")]
        second: PathBuf,
        /// Link a record to every one that is likely enough, where somebody may stand in a file twice. Otherwise it is linked once at most.
        #[arg(long)]
        many: bool,
        /// Probability from which on two records are linked.
        #[arg(long, default_value_t = 0.5, value_parser = probability)]
        threshold: f64,
        /// Print JSON: links (a, b, score, why), pairs_compared, threshold.
        #[arg(long)]
        json: bool,
    },
}

fn probability(text: &str) -> Result<f64, &'static str> {
    let number: Option<f64> = text.parse().ok();
    number.filter(|number| (0.0..=1.0).contains(number)).ok_or("write it as a number from 0 to 1, e.g. 0.9")
}
