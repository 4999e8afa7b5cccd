//! Running the list against a target.

use std::sync::Arc;

use exchange::development::DevelopmentError;
use straznica_exchange_wire::Binding;
use tokio::sync::OnceCell;

use crate::bench::Bench;
use crate::case::{Case, Need, Obstacle};
use crate::cases;
use crate::issued::Authorities;
use crate::report::{Entry, Report, Verdict};
use crate::target::{Line, Target};

/// A case is about to be run, or was: for whoever watches.
#[derive(Debug)]
pub enum Progress<'a> {
    /// About to be run.
    Begins(&'a Case, Binding),
    /// Was run.
    Ended(&'a Entry),
}

/// Runs every case that `wanted` names over every line of the target.
///
/// # Errors
/// [`DevelopmentError`] when the kit's own credentials cannot be made: nothing was run then.
pub async fn run(
    target: &Target,
    wanted: impl Fn(&Case) -> bool,
    mut watch: impl FnMut(Progress<'_>),
) -> Result<Report, DevelopmentError> {
    let mut report = Report::default();
    // by case and not by line, so that those that move the clock come last on every line
    let mut lines = Vec::new();
    for line in &target.lines {
        let proper = line.tester.issue(&line.tester.client(target.clock.now()))?;
        lines.push((line, proper, Asked::new()));
    }
    for case in cases::all().filter(|case| wanted(case)) {
        for (line, proper, authorities) in &lines {
            if !case.is_for(line.binding) {
                continue;
            }
            watch(Progress::Begins(case, line.binding));
            let bench = Bench::new(target, line, proper, authorities);
            let entry = run_case(case, line, &bench).await;
            watch(Progress::Ended(&entry));
            report.entries.push(entry);
        }
    }
    Ok(report)
}

async fn run_case(case: &'static Case, line: &Line, bench: &Bench<'_>) -> Entry {
    let expected = case.expected.text(line.told_by());
    let verdict = match missing(case, bench) {
        Some(need) => Verdict::NotApplicable { why: need.missing().to_owned() },
        None => match (case.run)(bench).await {
            Ok(seen) if case.expected.holds(&seen, line.told_by()) => Verdict::Passed { got: seen.to_string() },
            Ok(seen) => Verdict::Failed { got: seen.to_string() },
            Err(Obstacle::NotApplicable(why)) => Verdict::NotApplicable { why: why.to_owned() },
            Err(obstacle) => Verdict::Failed { got: crate::seen::with_cause(&obstacle) },
        },
    };
    let edition = line.told_by().map(|profile| profile.name().to_owned());
    Entry { case, binding: line.binding, edition, expected, verdict }
}

fn missing(case: &Case, bench: &Bench<'_>) -> Option<Need> {
    let holders = &bench.line.tester.holders;
    case.needs.iter().copied().find(|need| match need {
        Need::OtherState => bench.line.other.is_none(),
        Need::TwoPersonHolder => holders.two_person.is_none(),
        Need::SecondHolder => holders.second.is_none(),
        // whether the clock can be moved is known only by trying
        Need::Officers | Need::Calendar => bench.target.hands.is_none(),
    })
}

/// What the kit finds out about the target's CVCA, once a line.
pub(crate) type Asked = OnceCell<Arc<Authorities>>;
