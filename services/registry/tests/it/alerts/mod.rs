//! Checks against alerts: what is asked, what comes back, who resolves it, what waits for it.

mod before_decisions;
mod border;
mod checks;
mod desk;
mod merged;
mod resolutions;
mod unavailable;
