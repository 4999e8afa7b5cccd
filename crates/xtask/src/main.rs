//! `cargo xtask`: what a developer runs besides cargo itself.
//!
//! - `cargo xtask test [--install]` starts private servers on free loopback ports and runs every test against them. What the tests need and
//!   the machine lacks is named, or with `--install` installed (apt, pip, npm).
//! - `cargo xtask openapi` rewrites the committed OpenAPI document from the code.
//! - `cargo xtask bench` runs the benchmarks and prints their ratios.
//!
//! Start reading in [`needs`] for what the tests need, in [`postgres`] and [`redis`] for the private servers, in [`run`] for the order of things.
#![expect(clippy::print_stdout, reason = "a command-line tool speaks on standard output")]

mod needs;
mod postgres;
mod redis;
mod run;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Development tasks of Strażnica.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run every test, on both database engines and against the independent peers.
    Test {
        /// Install what is missing by apt, pip and npm instead of naming it and failing.
        #[arg(long)]
        install: bool,
        /// Only tests whose name contains this.
        filter: Option<String>,
    },
    /// Write docs/openapi/gateway.json anew from the code.
    Openapi,
    /// Run the benchmarks (optimised build) and print the ratios they report.
    Bench {
        /// Only this package's benchmarks.
        #[arg(short, long)]
        package: Option<String>,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Test { install, filter } => run::test(install, filter.as_deref()),
        Task::Openapi => run::openapi(),
        Task::Bench { package } => run::bench(package.as_deref()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
