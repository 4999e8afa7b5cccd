//! Enrolment, suspension and unlocking of terminals, by operators. Each change is journalled and told to the other services.

use straznica_contracts::gateway::events::v1::TerminalChanged;
use straznica_journal::{Context, Entry};
use straznica_store::StoreError;
use straznica_types::TerminalId;

use super::Gateway;
use crate::{
    domain::terminal::{CertificateDigest, NotChanged, Terminal},
    error::GatewayError,
    rest::caller::OperatorCaller,
    store::terminals,
};

/// Purpose of everything here, in the journal.
const PURPOSE: &str = "terminal_administration";

/// A terminal to be enrolled.
#[derive(Debug)]
pub(crate) struct Enrolment {
    pub(crate) terminal: TerminalId,
    pub(crate) pinned_certificate: Option<CertificateDigest>,
    pub(crate) note: Option<String>,
}

/// What happened to a terminal.
#[derive(Debug, Clone, Copy)]
enum Change {
    Enrolled,
    Suspended,
    Unlocked,
}

impl Change {
    fn state(self) -> &'static str {
        match self {
            Self::Enrolled => "enrolled",
            Self::Suspended => "suspended",
            Self::Unlocked => "unlocked",
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Enrolled => "terminal.enrolled",
            Self::Suspended => "terminal.suspended",
            Self::Unlocked => "terminal.unlocked",
        }
    }
}

impl Gateway {
    /// Enrols a terminal.
    pub(crate) async fn enrol(&self, caller: &OperatorCaller, new: Enrolment) -> Result<Terminal, GatewayError> {
        let Enrolment { terminal, pinned_certificate, note } = new;
        let enrolled = Terminal::enrol(terminal, pinned_certificate, note, self.clock().now(), caller.operator.clone());
        let detail = serde_json::json!({"pinnedCertificate": enrolled.pinned_certificate.map(hex::encode)});
        self.store()
            .write_tx(async |tx| {
                match terminals::insert(tx, &enrolled).await {
                    Err(StoreError::Duplicate(_)) => return Err(GatewayError::AlreadyEnrolled),
                    inserted => inserted?,
                }
                self.record(tx, caller, &enrolled.id, Change::Enrolled, detail.clone()).await
            })
            .await?;
        Ok(enrolled)
    }

    /// One page of enrolled terminals, and where the next begins.
    pub(crate) async fn terminals(
        &self,
        after: Option<&TerminalId>,
        limit: u16,
    ) -> Result<(Vec<Terminal>, Option<TerminalId>), GatewayError> {
        let limit = usize::from(limit);
        let mut page = terminals::page(self.store().reader(), after, limit as u64 + 1).await?;
        let more = page.len() > limit;
        page.truncate(limit);
        let next = more.then(|| page.last().map(|last| last.id.clone())).flatten();
        Ok((page, next))
    }

    /// Suspends a terminal: its next request is refused.
    pub(crate) async fn suspend(
        &self,
        caller: &OperatorCaller,
        terminal: &TerminalId,
        reason: String,
    ) -> Result<Terminal, GatewayError> {
        let now = self.clock().now();
        let suspend = |one: Terminal| one.suspend(reason.clone(), now, caller.operator.clone());
        self.change(caller, terminal, Change::Suspended, &reason, suspend).await
    }

    /// Unlocks a suspended terminal.
    pub(crate) async fn unlock(
        &self,
        caller: &OperatorCaller,
        terminal: &TerminalId,
        reason: String,
    ) -> Result<Terminal, GatewayError> {
        self.change(caller, terminal, Change::Unlocked, &reason, Terminal::unlock).await
    }

    async fn change(
        &self,
        caller: &OperatorCaller,
        terminal: &TerminalId,
        change: Change,
        reason: &str,
        decide: impl Fn(Terminal) -> Result<Terminal, NotChanged>,
    ) -> Result<Terminal, GatewayError> {
        self.store()
            .write_tx(async |tx| {
                let known = terminals::find(tx, terminal).await?.ok_or(GatewayError::UnknownTerminal)?;
                let changed = decide(known).map_err(GatewayError::NotChanged)?;
                terminals::update(tx, &changed).await?;
                self.record(tx, caller, terminal, change, serde_json::json!({"reason": reason})).await?;
                Ok(changed)
            })
            .await
    }

    async fn record(
        &self,
        tx: &sea_orm::DatabaseTransaction,
        caller: &OperatorCaller,
        terminal: &TerminalId,
        change: Change,
        detail: serde_json::Value,
    ) -> Result<(), GatewayError> {
        let context = Context {
            actor: format!("operator/{}", caller.operator),
            terminal: terminal.to_string(),
            officer: caller.operator.to_string(),
            purpose: PURPOSE.to_owned(),
            case_number: String::new(),
            request_id: caller.request_id.to_string(),
        };
        let event = TerminalChanged { terminal_id: terminal.to_string(), state: change.state().to_owned() };
        self.journal().record(tx, Entry::new(change.kind(), context).detail(detail).event(&event)).await?;
        Ok(())
    }
}
