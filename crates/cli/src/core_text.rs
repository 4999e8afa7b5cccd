//! No core text: what stands in the memory of a service that crashes goes into no file, and to nobody who collects crashes.
//!
//! Documents' data, codes and keys pass through that memory, and through buffers of libraries that do not wipe them (docs/decisions/0055).

use std::io::{self, ErrorKind};
use std::path::Path;

/// Says, a bit for each kind of memory, what of this process goes into its core text (Linux, core(5)).
const FILTER: &str = "/proc/self/coredump_filter";

/// Keeps this process's memory out of core text, whatever the limits of its size, and whoever takes the text: a file, a program the system hands it to, or a
/// debugger that minds the filter. What is left is the registers of the threads. Whether the system could be told: where there is no /proc it could not.
///
/// # Errors
/// When the system refuses.
pub(crate) fn forbid() -> io::Result<bool> {
    match std::fs::write(FILTER, "0") {
        Ok(()) => Ok(true),
        // A kernel that writes no core text has no filter for it.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Path::new("/proc/self").exists()),
        Err(error) => Err(error),
    }
}
