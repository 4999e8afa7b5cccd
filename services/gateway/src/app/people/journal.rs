//! Reading journals for security officers. Each service writes the reading into its own journal, by the gateway and in the officer's name.

use straznica_contracts::journal::v1::{
    JournalEntry, SearchEntriesRequest, journal_service_client::JournalServiceClient,
};
use straznica_journal::{Context, Search};
use straznica_runtime::channel::Channel;

use super::super::Gateway;
use crate::{error::GatewayError, rest::people::JournalOf};

/// Entries looked at at once.
const LOOK: u32 = 500;
/// And how often for one answer.
const MOST_LOOKS: usize = 20;
/// Members of entries that tell whether somebody is known, and how often they were asked about.
const TELLING: [&str; 2] = ["decoy", "asked_today"];

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
            JournalOf::Registry => channels.registry.ok_or(GatewayError::NoRegistry)?,
        };
        let mut client = client;
        Ok(client.search_entries(request).await?.into_inner().entries)
    }

    async fn search_own_journal(&self, request: SearchEntriesRequest) -> Result<Vec<JournalEntry>, GatewayError> {
        let reader = Context::of_call("service/gateway", &request.context.clone().unwrap_or_default());
        let found = self.journal().search(reader, &Search::from(&request)).await?;
        Ok(found.into_iter().map(JournalEntry::from).collect())
    }

    /// What identity's journal says of an official's acts for an institution. Of the same person's acts elsewhere nothing is shown, and nothing from which it
    /// could be told who uses the service: whoever asks for documents may be the one who reads.
    pub(crate) async fn search_for_institution(
        &self,
        institution: &str,
        mut request: SearchEntriesRequest,
    ) -> Result<OwnEntries, GatewayError> {
        let wanted = usize::try_from(request.limit).unwrap_or(usize::MAX);
        request.limit = LOOK;
        let mut own = OwnEntries::default();
        for _ in 0..MOST_LOOKS {
            let looked = self.search_journal(JournalOf::Identity, request.clone()).await?;
            let last = looked.last().and_then(|entry| entry.leaf_index);
            let is_last = looked.len() < LOOK as usize;
            for entry in looked {
                let position = entry.leaf_index;
                own.entries.extend(of_institution(entry, institution));
                if own.entries.len() == wanted {
                    own.before = position;
                    return Ok(own);
                }
            }
            own.before = last.filter(|_| !is_last);
            let Some(before) = own.before else { break };
            request.before_index = before;
        }
        Ok(own)
    }
}

/// Entries of an institution's own.
#[derive(Debug, Default)]
pub(crate) struct OwnEntries {
    /// Newest first.
    pub(crate) entries: Vec<JournalEntry>,
    /// There may be more before this position.
    pub(crate) before: Option<u64>,
}

/// The entry as the institution's security officer reads it, if it is of the institution.
fn of_institution(mut entry: JournalEntry, institution: &str) -> Option<JournalEntry> {
    // erased ones are empty, and nobody's
    let mut detail: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&entry.detail_json).ok()?;
    if detail.get("institution_id")?.as_str()? != institution {
        return None;
    }
    TELLING.iter().for_each(|member| drop(detail.remove(*member)));
    entry.detail_json = serde_json::Value::Object(detail).to_string();
    // Of somebody known it is the same whichever number was typed. What was typed stays, as a digest.
    entry.subject.clear();
    Some(entry)
}
