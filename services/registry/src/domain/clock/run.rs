//! One run of a deadline: from an event that begins it to what ends it.

use straznica_types::{CivilDate, Timestamp};

use super::{Deadline, Due, Fact, Moot, NotExtended, State, Step};
use crate::domain::calendar::{Calendar, DayOff, warsaw};
use crate::domain::rules::{DeadlineRule, DeemedRule, ExtensionRule, Passing, Reach, SuspensionRule, Term};

/// What a run is counted from.
pub(super) struct Run<'r, 'f> {
    pub(super) rule: &'r DeadlineRule,
    /// What begins it.
    pub(super) start: &'f Fact<'r>,
    /// What it is counted from.
    pub(super) counted: &'f Fact<'r>,
    /// What came after, until it begins anew.
    pub(super) window: &'f [Fact<'r>],
    /// What begins it anew.
    pub(super) replaced_by: Option<&'f Fact<'r>>,
    pub(super) calendar: &'f Calendar,
    pub(super) now: Timestamp,
}

/// A time in which it stands still.
struct Stop<'r, 'f> {
    from: &'f Fact<'r>,
    until: Option<&'f Fact<'r>>,
    rule: &'r SuspensionRule,
}

/// How far counting has come.
struct Count<'r, 'f> {
    /// Where the term and its extensions lead, before suspensions and days off.
    base: Due,
    stops: Vec<Stop<'r, 'f>>,
    extended: Vec<&'r ExtensionRule>,
    steps: Vec<Step<'r>>,
}

impl<'r, 'f> Run<'r, 'f> {
    /// Counts it. One that is used up is shown, but does not run.
    pub(super) fn count(&self, used_up: bool) -> Deadline<'r> {
        let mut count = self.begin();
        let state = if used_up { State::Moot(Moot::UsedUp) } else { self.follow(&mut count) };
        // What ended it, or now: a suspension that goes on counts until then.
        let as_of = match &state {
            State::Met { by, .. } | State::Moot(Moot::Ended(by) | Moot::BegunAnew(by)) => by.happened.at,
            _ => self.now,
        };
        self.tell_stops(&mut count, as_of);
        let (due, over) = self.due(&count, as_of);
        if !over.is_empty() {
            count.steps.push(Step::Shifted { over, reaches: due });
        }
        let of = self.start.happened.of.clone();
        Deadline { rule: self.rule, of, due, state, why: self.in_order(count.steps) }
    }

    fn begin(&self) -> Count<'r, 'f> {
        let reaches = self.reach(self.rule.term);
        let (start, from) = (self.start.clone(), self.counted.clone());
        let mut steps = vec![Step::Counted { start, from, term: self.rule.term, reaches }];
        let named = self.start.happened.until.filter(|_| self.rule.by_decision).map(Due::Day);
        let base = named.map_or(reaches, |named| reaches.earlier(named));
        if let (Due::Day(day), true) = (base, base != reaches) {
            steps.push(Step::SetByDecision { day });
        }
        Count { base, stops: Vec::new(), extended: Vec::new(), steps }
    }

    /// Where a term leads from the event counted from.
    fn reach(&self, term: Term) -> Due {
        if term.in_hours() {
            Due::Instant(term.last_instant(self.counted.happened.at))
        } else {
            Due::Day(term.last_day(self.counted.day, self.calendar))
        }
    }

    /// Goes through what happened; tells where that leaves the deadline.
    fn follow(&self, count: &mut Count<'r, 'f>) -> State<'r> {
        for fact in self.window.iter().filter(|fact| self.concerns(fact)) {
            let (due, _) = self.due(count, fact.happened.at);
            let event = &fact.happened.event;
            if self.rule.met_by.contains(event) {
                return if self.is_silence(fact) {
                    State::Passed(self.rule.passing)
                } else {
                    self.done(fact, due, count)
                };
            }
            if self.rule.moot_by.contains(event) {
                return self.passed(due, fact.happened.at).unwrap_or_else(|| State::Moot(Moot::Ended(fact.clone())));
            }
            if let Some(rule) = self.rule.extensions.iter().find(|rule| rule.event == *event) {
                self.extend(fact, rule, due, count);
            }
            self.stop_or_go_on(fact, count);
        }
        if let Some(again) = self.replaced_by {
            let (due, _) = self.due(count, again.happened.at);
            let begun_anew = || State::Moot(Moot::BegunAnew(again.clone()));
            return self.passed(due, again.happened.at).unwrap_or_else(begun_anew);
        }
        let (due, _) = self.due(count, self.now);
        match count.stops.iter().find(|stop| stop.until.is_none() && !due.has_passed(self.now)) {
            Some(stop) => State::Suspended { since: stop.from.clone() },
            None if !due.has_passed(self.now) => State::Running,
            None => self.passed(due, self.now).unwrap_or(State::Late),
        }
    }

    fn concerns(&self, fact: &Fact<'r>) -> bool {
        let (of, other) = (&self.start.happened.of, &fact.happened.of);
        of.is_none() || other.is_none() || of == other
    }

    /// Whether the law deems it done because nothing was: it is this deadline's passing, under another name.
    fn is_silence(&self, fact: &Fact<'r>) -> bool {
        let by_start = |rule: &DeemedRule| rule.after == self.start.happened.event;
        self.rule.passing != Passing::Late && fact.deemed.is_some_and(by_start)
    }

    /// The meaning its passing had by then, if it had passed and that has one.
    fn passed(&self, due: Due, by: Timestamp) -> Option<State<'r>> {
        (due.has_passed(by) && self.rule.passing != Passing::Late).then_some(State::Passed(self.rule.passing))
    }

    fn done(&self, fact: &Fact<'r>, due: Due, count: &mut Count<'r, 'f>) -> State<'r> {
        let posted = fact.happened.posted_on.filter(|_| self.rule.posting_keeps);
        let late = match (posted, due) {
            (Some(posted), Due::Day(day)) => {
                count.steps.push(Step::Posted { what: fact.clone(), on: posted });
                posted > day
            }
            _ => due.has_passed(fact.happened.at),
        };
        if late && self.rule.passing != Passing::Late {
            count.steps.push(Step::TooLate { what: fact.clone() });
            return State::Passed(self.rule.passing);
        }
        State::Met { by: fact.clone(), late }
    }

    fn extend(&self, fact: &Fact<'r>, rule: &'r ExtensionRule, due: Due, count: &mut Count<'r, 'f>) {
        let used = count.extended.iter().filter(|used| std::ptr::eq(**used, rule)).count();
        let reach = match (rule.reach, count.base) {
            (Reach::To(term), _) => self.reach(term),
            (Reach::By(term), Due::Day(day)) => Due::Day(term.last_day(day, self.calendar)),
            (Reach::By(term), Due::Instant(at)) => Due::Instant(term.last_instant(at)),
        };
        let reaches = fact.happened.until.map_or(reach, |until| reach.earlier(Due::Day(until)));
        let against = if rule.asked_before_expiry && due.has_passed(fact.happened.at) {
            Some(NotExtended::Passed)
        } else if used >= usize::from(rule.times.get()) {
            Some(NotExtended::TooOften)
        } else if reaches.instant() <= count.base.instant() {
            Some(NotExtended::NoFurther)
        } else {
            None
        };
        let by = fact.clone();
        if let Some(because) = against {
            count.steps.push(Step::NotExtended { by, rule, because });
            return;
        }
        count.base = reaches;
        count.extended.push(rule);
        count.steps.push(Step::Extended { by, rule, reaches });
    }

    fn stop_or_go_on(&self, fact: &'f Fact<'r>, count: &mut Count<'r, 'f>) {
        for rule in &self.rule.suspensions {
            let open = count.stops.iter_mut().find(|stop| stop.until.is_none() && std::ptr::eq(stop.rule, rule));
            match open {
                Some(stop) if rule.until.contains(&fact.happened.event) => stop.until = Some(fact),
                None if rule.from.contains(&fact.happened.event) => {
                    count.stops.push(Stop { from: fact, until: None, rule });
                }
                _ => {}
            }
        }
    }

    /// The last moment as far as is known by then, and the days off it was moved over.
    fn due(&self, count: &Count<'r, 'f>, as_of: Timestamp) -> (Due, Vec<(CivilDate, DayOff)>) {
        let due = self.stopped(count.base, &count.stops, as_of);
        let Due::Day(day) = due else { return (due, Vec::new()) };
        let mut over = Vec::new();
        let mut last = day;
        while let Some(off) = self.calendar.day_off(last).filter(|_| self.rule.rolls_over) {
            over.push((last, off));
            last = last.plus_days(1);
        }
        (Due::Day(last), over)
    }

    /// Where suspensions move it.
    fn stopped(&self, base: Due, stops: &[Stop<'r, 'f>], as_of: Timestamp) -> Due {
        match base {
            Due::Instant(at) => Due::Instant(stopped_instant(at, stops, as_of)),
            Due::Day(last) => Due::Day(self.stopped_day(last, stops, as_of)),
        }
    }

    fn stopped_day(&self, last: CivilDate, stops: &[Stop<'r, 'f>], as_of: Timestamp) -> CivilDate {
        let Some(first) = stops.first() else { return last };
        let today = warsaw::date(as_of);
        let stands_still = |day: CivilDate| {
            stops.iter().any(|stop| stop.from.day < day && day <= stop.until.map_or(today, |until| until.day))
        };
        let counts = |day: CivilDate| !matches!(self.rule.term, Term::WorkingDays(_)) || self.calendar.is_working(day);
        let (mut last, mut day) = (last, first.from.day);
        while day < last {
            day = day.plus_days(1);
            if stands_still(day) && counts(day) {
                last = last.plus_days(1);
                if matches!(self.rule.term, Term::WorkingDays(_)) {
                    last = self.calendar.working_from(last);
                }
            }
        }
        last
    }

    fn tell_stops(&self, count: &mut Count<'r, 'f>, as_of: Timestamp) {
        for number in 1..=count.stops.len() {
            let Some(so_far @ [.., stop]) = count.stops.get(..number) else { continue };
            let reaches = self.stopped(count.base, so_far, as_of);
            let (from, until) = (stop.from.clone(), stop.until.cloned());
            count.steps.push(Step::Suspended { from, until, rule: stop.rule, reaches });
        }
    }

    /// Counting first, then what was made of it, then what was done about it.
    fn in_order(&self, mut steps: Vec<Step<'r>>) -> Vec<Step<'r>> {
        steps.sort_by_key(|step| matches!(step, Step::Posted { .. } | Step::TooLate { .. }));
        steps
    }
}

/// Each millisecond in which it stands still, up to the last one, moves it by one; where two suspensions overlap, once.
fn stopped_instant(at: Timestamp, stops: &[Stop<'_, '_>], as_of: Timestamp) -> Timestamp {
    let (mut at, mut told) = (at.millis(), i64::MIN);
    for stop in stops {
        let from = stop.from.happened.at.millis().max(told);
        let until = stop.until.map_or(as_of, |until| until.happened.at).millis();
        if from < at && from < until {
            at = at.saturating_add(until - from);
        }
        told = told.max(until);
    }
    Timestamp::from_millis(at)
}
