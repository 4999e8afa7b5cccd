//! Named places where a test stops the process as a power cut would.
//!
//! Services call [`reach`] before and after each step that must not be lost or done twice. Normally that is one look at a constant. When a test
//! node was started with `STRAZNICA_STOP_AT=<name>[:<n>]` and `STRAZNICA_STOP_MARK=<file>`, the `n`th arrival at that place (the first, when no
//! number is given) writes the file and never goes on; the test sees the file and kills the process (SIGKILL). Production nodes never arm one.

use std::{
    env, fs, io,
    path::PathBuf,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use straznica_types::Environment;

/// Variable that names the place.
pub const STOP_AT: &str = "STRAZNICA_STOP_AT";
/// Variable that names the file to write on arrival.
pub const STOP_MARK: &str = "STRAZNICA_STOP_MARK";

#[derive(Debug)]
struct Armed {
    name: String,
    /// Arrivals still to be let pass.
    passes: AtomicU32,
    mark: PathBuf,
}

static ARMED: OnceLock<Armed> = OnceLock::new();

/// Why no place was armed.
#[derive(Debug, thiserror::Error)]
pub enum ArmError {
    /// A production node was asked to stop somewhere.
    #[error("{STOP_AT} is for test nodes")]
    Production,
    /// The name of the file is missing, or the number is none.
    #[error("{STOP_AT} needs the form <name>[:<n>], and {STOP_MARK} the name of a file")]
    Form,
}

/// Arms the place the environment names, if it names one. Called once, when a process starts.
///
/// # Errors
/// [`ArmError`]
pub fn arm_from_environment(environment: Environment) -> Result<(), ArmError> {
    let Ok(place) = env::var(STOP_AT) else { return Ok(()) };
    if environment == Environment::Production {
        return Err(ArmError::Production);
    }
    let mark = env::var_os(STOP_MARK).ok_or(ArmError::Form)?.into();
    let (name, arrival) = match place.split_once(':') {
        Some((name, number)) => (name.to_owned(), number.parse().ok().filter(|number| *number > 0)),
        None => (place, Some(1)),
    };
    let arrival: u32 = arrival.ok_or(ArmError::Form)?;
    // A second call in one process finds the same environment: the first stands.
    let _ = ARMED.set(Armed { name, passes: AtomicU32::new(arrival - 1), mark });
    Ok(())
}

/// A place has been reached: goes on at once unless a test armed it.
pub async fn reach(name: &'static str) {
    let Some(armed) = ARMED.get() else { return };
    if armed.name != name || !is_the_one(&armed.passes) {
        return;
    }
    if let Err(error) = write(armed) {
        tracing::error!(%error, name, "the mark of a stop cannot be written");
    }
    std::future::pending::<()>().await;
}

/// Counts an arrival; true when those to be let pass have passed.
fn is_the_one(passes: &AtomicU32) -> bool {
    passes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err()
}

fn write(armed: &Armed) -> io::Result<()> {
    let file = fs::File::create(&armed.mark)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::{is_the_one, reach};
    use std::sync::atomic::AtomicU32;

    #[test]
    fn the_third_arrival_is_the_one_after_two_that_pass() {
        let passes = AtomicU32::new(2);
        assert_eq!([0; 4].map(|_| is_the_one(&passes)), [false, false, true, true]);
    }

    #[tokio::test]
    async fn a_place_nobody_armed_lets_everybody_pass() {
        reach("nowhere").await;
    }
}
