//! The program `straznica`: parse, run, exit status.

use std::process::ExitCode;

use clap::Parser;
use straznica_cli::arguments::Arguments;
use straznica_cli::command;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("straznica: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(Box::pin(command::run(arguments)))
}
