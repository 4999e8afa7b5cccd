//! Reading journals for security officers. Each service writes the reading into its own journal, by the gateway and in the officer's name.

use straznica_contracts::{
    common::v1::CallContext,
    identity::v1 as identity,
    journal::v1::{JournalEntry, SearchEntriesRequest, journal_service_client::JournalServiceClient},
};
use straznica_journal::{Context, FoundEntry, Search};
use straznica_runtime::channel::Channel;
use straznica_types::{OfficerId, Timestamp};

use super::super::Gateway;
use crate::{error::GatewayError, rest::people::JournalOf};

/// Pages of an institution's people that are looked through; more than any has.
const MOST_PAGES: usize = 200;

impl Gateway {
    /// The entries that were asked for.
    pub(crate) async fn search_journal(
        &self,
        journal: JournalOf,
        request: SearchEntriesRequest,
    ) -> Result<Vec<JournalEntry>, GatewayError> {
        let channels = self.upstreams().journals.clone();
        let client: JournalServiceClient<Channel> = match journal {
            JournalOf::Gateway => return self.search_own_journal(request).await,
            JournalOf::Identity => channels.identity,
            JournalOf::Spoc => channels.spoc,
            JournalOf::Dispatch => channels.dispatch.ok_or(GatewayError::NoCodes)?,
        };
        let mut client = client;
        Ok(client.search_entries(request).await?.into_inner().entries)
    }

    async fn search_own_journal(&self, request: SearchEntriesRequest) -> Result<Vec<JournalEntry>, GatewayError> {
        let bound = |millis: i64| (millis != 0).then(|| Timestamp::from_millis(millis));
        let search = Search {
            kind: request.kind,
            officer: request.officer,
            terminal: request.terminal_id,
            subject: request.subject,
            from: bound(request.from_ms),
            to: bound(request.to_ms),
            limit: u64::from(request.limit),
            before: (request.before_index > 0).then_some(request.before_index),
        };
        let reader = Context::of_call("service/gateway", &request.context.unwrap_or_default());
        let found = self.journal().search(reader, &search).await?;
        Ok(found.into_iter().map(shown).collect())
    }

    /// Whether somebody has a post in an institution, as identity tells its security officers.
    pub(crate) async fn is_of_institution(
        &self,
        officer: &OfficerId,
        institution: &str,
        context: Option<CallContext>,
    ) -> Result<bool, GatewayError> {
        let mut after = String::new();
        for _ in 0..MOST_PAGES {
            let request = identity::ListOfficialsRequest {
                context: context.clone(),
                institution_id: institution.to_owned(),
                after_officer: after.clone(),
            };
            let page = self.officials().list_officials(request).await?.into_inner().officials;
            if page.iter().any(|one| one.officer == officer.as_str()) {
                return Ok(true);
            }
            match page.last() {
                Some(last) if last.officer > after => after.clone_from(&last.officer),
                _ => return Ok(false),
            }
        }
        Ok(false)
    }
}

fn shown(entry: FoundEntry) -> JournalEntry {
    JournalEntry {
        entry_id: entry.id.to_string(),
        leaf_index: entry.leaf_index,
        at_ms: entry.at.millis(),
        actor: entry.context.actor,
        context: Some(CallContext {
            terminal_id: entry.context.terminal,
            officer: entry.context.officer,
            purpose: entry.context.purpose,
            case_number: entry.context.case_number,
            request_id: entry.context.request_id,
        }),
        kind: entry.kind,
        subject: entry.subject,
        legal_basis: entry.legal_basis,
        detail_json: entry.detail,
    }
}
