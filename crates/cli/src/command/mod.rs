//! What each command does; a file a command. [`run`] turns the outcome into the exit status the command promises.

pub mod account;
pub mod config;
pub mod conformance;
pub mod cvc;
pub mod day;
pub mod development_certificate;
pub mod files;
pub mod healthcheck;
pub mod journal;
pub mod names;
pub mod operator;
pub mod output;
pub mod passport;
pub mod pki;
pub mod registry;
pub mod serve;
pub mod spoc;
mod table;
pub mod trust;

use std::error::Error;
use std::process::ExitCode;

use crate::arguments::{Arguments, Command, SpocCommand};
use crate::demo;

/// What a command that answers a question found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done; valid; genuine. Exit status 0.
    Yes,
    /// Not valid; not genuine; not sound. Exit status 1.
    No,
    /// Cannot be decided. Exit status 3.
    Undetermined,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Yes => Self::SUCCESS,
            Outcome::No => Self::from(1),
            Outcome::Undetermined => Self::from(3),
        }
    }
}

/// Exit status of a file tool that could not read what it was given.
const UNREADABLE: u8 = 2;
/// Exit status of a command that failed.
const FAILED: u8 = 1;

/// Runs a command to its end.
pub async fn run(arguments: Arguments) -> ExitCode {
    match arguments.command {
        Command::Demo(demo) => done(Box::pin(demo::run(&demo)).await),
        Command::Serve(options) => done(Box::pin(serve::run(options)).await),
        Command::Config(command) => done(config::run(&command)),
        Command::Cvc(command) => answer(cvc::run(command)),
        Command::Passport(command) => answer(passport::run(command)),
        Command::Names(command) => answer(names::run(&command)),
        Command::Pki(command) => done(Box::pin(pki::run(*command)).await),
        Command::Trust(command) => answer(Box::pin(trust::run(command)).await),
        Command::Spoc(command) => match *command {
            SpocCommand::Operator(command) => done(Box::pin(spoc::run(command)).await),
            SpocCommand::Conformance(options) => answer(Box::pin(conformance::run(&options)).await),
        },
        Command::Registry(command) => match Box::pin(registry::run(*command)).await {
            Ok(outcome) => outcome.into(),
            Err(error) => fail(&error, if error.is_about_a_file() { UNREADABLE } else { FAILED }),
        },
        Command::Account(command) => done(Box::pin(account::run(command)).await),
        Command::Journal(command) => answer(Box::pin(journal::run(command)).await),
        Command::DevelopmentCertificate(options) => done(development_certificate::run(&options)),
        Command::Healthcheck(options) => done(healthcheck::run(&options.admin).await),
    }
}

/// A command that does something.
fn done<E: Error>(result: Result<(), E>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error, FAILED),
    }
}

/// A command that answers a question.
fn answer<E: Error>(result: Result<Outcome, E>) -> ExitCode {
    match result {
        Ok(outcome) => outcome.into(),
        Err(error) => fail(&error, UNREADABLE),
    }
}

/// Tells what went wrong, down to its first cause. A cause its parent's text already contains is not told again.
fn fail(error: &dyn Error, status: u8) -> ExitCode {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let line = error.to_string();
        if !text.contains(&line) {
            text = format!("{text}: {line}");
        }
        cause = error.source();
    }
    eprintln!("straznica: {text}");
    ExitCode::from(status)
}
