//! Tells a story: something happens, and the case stands where the law has it.

use straznica_contracts::registry::v1::{
    ApproveDecisionRequest, CaseEvent, Deadline, DeadlineState, DraftDecisionRequest, GetCaseResponse,
    IssueDecisionRequest, RecordEventRequest,
};
use straznica_store::testing::TestDatabase;
use straznica_types::Timestamp;
use tonic::Status;

use crate::house::{House, code, context, event, text};

/// A deadline: its rule, its last day or instant, how it stands.
pub(crate) type Told = (&'static str, &'static str, &'static str);

pub(crate) struct Story {
    pub(crate) house: House,
    pub(crate) case: String,
    pub(crate) version: u64,
}

impl Story {
    /// One person applies.
    pub(crate) async fn begin(database: TestDatabase, at: &str, first: &str) -> Self {
        let house = House::open(database).await;
        let person = house.somebody().await;
        Self::of(house, &[&person], at, first).await
    }

    pub(crate) async fn of(house: House, persons: &[&str], at: &str, first: &str) -> Self {
        let at = house.at(at);
        let opened = house.open_case("protection", persons, event(first, at)).await.unwrap();
        Self { house, case: opened.case_id, version: opened.version }
    }

    /// Something happens, and is recorded at that moment: `event [decision=…] [of=…] [posted=…] [until=…]`.
    pub(crate) async fn then(&mut self, at: &str, what: &str) -> &mut Self {
        self.try_record(at, what, &[]).await.unwrap_or_else(|status| panic!("{at} {what}: {status:?}"));
        self
    }

    pub(crate) async fn joins(&mut self, at: &str, person: &str) -> Result<(), Status> {
        self.try_record(at, "person_joined", &[person]).await
    }

    /// Something is said to have happened that cannot have; tells the code of the refusal.
    pub(crate) async fn cannot(&mut self, at: &str, what: &str) -> String {
        let refused = self.try_record(at, what, &[]).await;
        code(&refused.expect_err(&format!("{at} {what} was let through")))
    }

    /// Something that happened at a moment is recorded now.
    pub(crate) async fn told_late(&mut self, at: &str, what: &str) -> &mut Self {
        let recorded = self.record_as_of(at.parse().unwrap(), what, &[]).await;
        recorded.unwrap_or_else(|status| panic!("{at} {what}: {status:?}"));
        self
    }

    async fn try_record(&mut self, at: &str, what: &str, joining: &[&str]) -> Result<(), Status> {
        let at = self.house.at(at);
        self.record_as_of(at, what, joining).await
    }

    async fn record_as_of(&mut self, at: Timestamp, what: &str, joining: &[&str]) -> Result<(), Status> {
        let mut words = what.split_whitespace();
        let name = words.next().unwrap();
        let mut happens = event(name, at);
        for word in words {
            say(&mut happens, word);
        }
        let request = RecordEventRequest {
            context: Some(context("first")),
            case_id: self.case.clone(),
            expected_version: self.version,
            event: Some(happens),
            joining_person_ids: joining.iter().map(|id| (*id).to_owned()).collect(),
        };
        self.version = self.house.cases.clone().record_event(request).await?.into_inner().version;
        Ok(())
    }

    /// One officer drafts, another approves, it is issued.
    pub(crate) async fn decided(&mut self, at: &str, decision: &str) -> &mut Self {
        let id = self.approved(at, decision).await;
        self.issue(at, &id).await.unwrap_or_else(|status| panic!("{at} {decision}: {status:?}"));
        self
    }

    /// A decision that waits to be issued; its id.
    pub(crate) async fn approved(&mut self, at: &str, decision: &str) -> String {
        self.house.at(at);
        let mut cases = self.house.cases.clone();
        let request = DraftDecisionRequest {
            context: Some(context("first")),
            case_id: self.case.clone(),
            expected_version: self.version,
            decision: decision.to_owned(),
        };
        let drafted = cases.draft_decision(request).await.unwrap().into_inner();
        let members: &[&str] = if decision.starts_with("board") { &["elder", "chair", "youngest"] } else { &[] };
        let (id, words) = (drafted.decision_id.as_str(), text(members));
        let written = self.house.write("first", (&self.case, drafted.version), id, words).await.unwrap();
        let request = ApproveDecisionRequest {
            context: Some(context(if members.is_empty() { "second" } else { "chair" })),
            case_id: self.case.clone(),
            expected_version: written,
            decision_id: drafted.decision_id.clone(),
        };
        self.version = cases.approve_decision(request).await.unwrap().into_inner().version;
        drafted.decision_id
    }

    pub(crate) async fn issue(&mut self, at: &str, decision_id: &str) -> Result<(), Status> {
        self.house.at(at);
        let request = IssueDecisionRequest {
            context: Some(context("first")),
            case_id: self.case.clone(),
            expected_version: self.version,
            decision_id: decision_id.to_owned(),
        };
        self.version = self.house.cases.clone().issue_decision(request).await?.into_inner().version;
        Ok(())
    }

    /// The case is at a stage, and these of its deadlines (the last of each rule) stand so.
    pub(crate) async fn stands(&mut self, at: &str, stage: &str, deadlines: &[Told]) -> &mut Self {
        self.house.at(at);
        let case = self.house.case(&self.case).await;
        assert_eq!(case.stage, stage, "{at}");
        for told in deadlines {
            let found = last(&case, told.0).map_or_else(|| ("none".to_owned(), "none".to_owned()), spelt);
            assert_eq!((found.0.as_str(), found.1.as_str()), (told.1, told.2), "{at} {}", told.0);
        }
        self
    }

    pub(crate) async fn shown(&self) -> GetCaseResponse {
        self.house.case(&self.case).await
    }

    pub(crate) async fn ends(self) {
        self.house.close().await;
    }
}

fn say(happens: &mut CaseEvent, word: &str) {
    let (member, value) = word.split_once('=').unwrap();
    let member = match member {
        "decision" => &mut happens.decision,
        "of" => &mut happens.of,
        "posted" => &mut happens.posted_on,
        "until" => &mut happens.until,
        other => panic!("{other}"),
    };
    value.clone_into(member);
}

pub(crate) fn last<'c>(case: &'c GetCaseResponse, rule: &str) -> Option<&'c Deadline> {
    case.deadlines.iter().rfind(|deadline| deadline.rule == rule)
}

fn spelt(deadline: &Deadline) -> (String, String) {
    let due = match deadline.last_day.as_str() {
        "" => Timestamp::from_millis(deadline.due_at_ms).to_string(),
        day => day.to_owned(),
    };
    let state = match deadline.state() {
        DeadlineState::Unspecified => "unspecified",
        DeadlineState::Running => "running",
        DeadlineState::Suspended => "suspended",
        DeadlineState::Met => "met",
        DeadlineState::MetLate => "met late",
        DeadlineState::Late => "late",
        DeadlineState::Passed => deadline.passing.as_str(),
        DeadlineState::Moot => "moot",
    };
    (due, state.to_owned())
}
