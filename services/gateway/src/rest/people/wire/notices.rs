//! Bulk notices: words, recipients, previews, reports.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use straznica_contracts::dispatch::v1 as contract;
use straznica_types::Secret;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    error::GatewayError,
    rest::wire::scalars::{Instant, Text, present},
};

/// A place of a template: what differs from person to person.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NoticePlace {
    /// Small letters, digits and `_`.
    #[schema(min_length = 1, max_length = 64, example = "date")]
    name: String,
    /// Longest value, in characters.
    #[schema(minimum = 1, maximum = 200, example = 10)]
    longest: u32,
}

/// Proposes the next version of a template.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewTemplate {
    /// Its name.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "payment-day")]
    pub(crate) template: Text<64>,
    /// What differs from person to person; at most 16.
    places: Vec<NoticePlace>,
    /// By language tag (BCP 47), with every place in braces; up to 16 languages of up to 1000 characters.
    #[schema(example = json!({"pl": "Wypłata {date}.", "uk": "Виплата {date}."}))]
    texts: BTreeMap<String, String>,
    /// The language of those whose own has no text.
    #[schema(value_type = String, min_length = 2, max_length = 35, example = "pl")]
    fallback: Text<35>,
}

impl NewTemplate {
    pub(crate) fn request(
        self,
        context: Option<straznica_contracts::common::v1::CallContext>,
        institution: String,
    ) -> contract::ProposeTemplateRequest {
        let place = |place: NoticePlace| contract::TemplatePlace { name: place.name, longest: place.longest };
        contract::ProposeTemplateRequest {
            context,
            institution,
            template: self.template.0,
            places: self.places.into_iter().map(place).collect(),
            texts: self.texts.into_iter().collect(),
            fallback: self.fallback.0,
        }
    }
}

/// A version that was proposed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProposedTemplate {
    /// Its name.
    #[schema(example = "payment-day")]
    pub(crate) template: String,
    /// Which version, from 1.
    #[schema(example = 1)]
    pub(crate) version: u32,
}

/// Which version is approved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TemplateApproval {
    /// Of the template.
    #[schema(minimum = 1, example = 1)]
    pub(crate) version: u32,
}

/// A version of a template.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NoticeTemplate {
    /// Its name.
    #[schema(example = "payment-day")]
    template: String,
    /// Which version.
    #[schema(example = 1)]
    version: u32,
    /// What differs from person to person.
    places: Vec<NoticePlace>,
    /// By language tag.
    #[schema(example = json!({"pl": "Wypłata {date}."}))]
    texts: BTreeMap<String, String>,
    /// The language of those whose own has no text.
    #[schema(example = "pl")]
    fallback: String,
    /// Officer who proposed it.
    #[schema(example = "um-0001")]
    proposed_by: String,
    /// When.
    proposed_at: Instant,
    /// Officer who approved it; absent: nobody has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "um-0002")]
    approved_by: Option<String>,
}

impl NoticeTemplate {
    fn of(told: contract::TemplateVersion) -> Self {
        let place = |place: contract::TemplatePlace| NoticePlace { name: place.name, longest: place.longest };
        Self {
            template: told.template,
            version: told.version,
            places: told.places.into_iter().map(place).collect(),
            texts: told.texts.into_iter().collect(),
            fallback: told.fallback,
            proposed_by: told.proposed_by,
            proposed_at: Instant::at(told.proposed_at_ms),
            approved_by: present(told.approved_by),
        }
    }
}

/// Versions of templates, by name, the newest of each first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NoticeTemplateList {
    /// One page.
    templates: Vec<NoticeTemplate>,
    /// Where the next one begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "payment-day/1")]
    next: Option<String>,
}

impl NoticeTemplateList {
    pub(crate) fn of(told: contract::ListTemplatesResponse) -> Self {
        let templates = told.versions.into_iter().map(NoticeTemplate::of).collect();
        Self { templates, next: present(told.next_page_token) }
    }
}

/// Which templates.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TemplateQuery {
    /// Those of this name only.
    #[serde(default)]
    #[param(max_length = 64, example = "payment-day")]
    pub(crate) template: Option<String>,
    /// `next` of the page before.
    #[serde(default)]
    #[param(max_length = 100, example = "payment-day/1")]
    pub(crate) from: Option<String>,
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct NoticeQuery {
    /// `next` of the page before.
    #[serde(default)]
    #[param(max_length = 100, example = "r-0500")]
    pub(crate) from: Option<String>,
}

/// Whether somebody wants notices.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NoticeChoice {
    /// E.164, or nine digits for Poland. Not kept as such.
    #[schema(value_type = String, min_length = 9, max_length = 16, example = "+48501234567")]
    pub(crate) phone: Secret<String>,
    /// What they said.
    #[schema(example = true)]
    pub(crate) wants_notices: bool,
}

/// Prepares a notice.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewNotice {
    /// Its id from now on, a new one for each new notice: sent twice it is one notice.
    #[schema(example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    pub(crate) id: Uuid,
    /// Its words.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "payment-day")]
    pub(crate) template: Text<64>,
    /// An approved version of them.
    #[schema(minimum = 1, example = 1)]
    pub(crate) version: u32,
    /// How long after its start a message is of use, in hours.
    #[schema(minimum = 1, maximum = 336, example = 48)]
    pub(crate) valid_hours: u32,
}

/// Somebody who is written to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewRecipient {
    /// The sender's own name for them, kept in clear: no phone number, no PESEL.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "r-0001")]
    reference: Text<64>,
    /// E.164, or nine digits for Poland. Sealed until the message is handed over, then forgotten.
    #[schema(value_type = String, min_length = 9, max_length = 16, example = "+48501234567")]
    phone: Secret<String>,
    /// BCP 47.
    #[schema(value_type = String, min_length = 2, max_length = 35, example = "uk")]
    language: Text<35>,
    /// By place; all of them, and no other.
    #[schema(value_type = BTreeMap<String, String>, example = json!({"date": "1.12"}))]
    values: BTreeMap<String, Secret<String>>,
}

/// A page of recipients.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewRecipients {
    /// 1 to 500; taken all or none.
    recipients: Vec<NewRecipient>,
}

impl NewRecipients {
    pub(crate) fn contract(self) -> Vec<contract::NoticeRecipient> {
        let recipient = |one: NewRecipient| contract::NoticeRecipient {
            reference: one.reference.0,
            phone: one.phone.expose().clone(),
            language: one.language.0,
            values: one.values.iter().map(|(name, value)| (name.clone(), value.expose().clone())).collect(),
        };
        self.recipients.into_iter().map(recipient).collect()
    }
}

/// How many of a page were new.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddedRecipients {
    /// Of this page, those that were not there before.
    #[schema(example = 500)]
    pub(crate) added: u32,
}

/// What a notice would take in one language.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LanguagePreview {
    /// Language of the messages.
    #[schema(example = "uk")]
    language: String,
    /// Those who would be written to.
    #[schema(example = 120)]
    recipients: u32,
    /// Messages with characters beyond the default alphabet.
    #[schema(example = 120)]
    in_ucs2: u32,
    /// Parts sent and billed.
    #[schema(example = 240)]
    parts: u32,
    /// In grosz.
    #[schema(example = 1680)]
    cost_grosz: i64,
}

/// What a notice would take and cost.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NoticePreview {
    /// By language.
    languages: Vec<LanguagePreview>,
    /// Recipients without a wish on record to hear of such things: they are not written to.
    #[schema(example = 3)]
    no_opt_in: u32,
}

impl NoticePreview {
    pub(crate) fn of(told: contract::PreviewNoticeResponse) -> Self {
        let language = |one: contract::LanguagePreview| LanguagePreview {
            language: one.language,
            recipients: one.recipients,
            in_ucs2: one.in_ucs2,
            parts: one.parts,
            cost_grosz: one.cost_grosz,
        };
        Self { languages: told.languages.into_iter().map(language).collect(), no_opt_in: told.no_opt_in }
    }
}

/// A notice.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Notice {
    /// Its id.
    #[schema(example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    id: String,
    /// Its words.
    #[schema(example = "payment-day")]
    template: String,
    /// Which version of them.
    #[schema(example = 1)]
    version: u32,
    /// How long after its start a message is of use, in hours.
    #[schema(example = 48)]
    valid_hours: u32,
    /// `prepared`, `proposed`, `running`, `stopped` or `finished`.
    #[schema(example = "running")]
    state: &'static str,
    /// Officer who prepared it.
    #[schema(example = "um-0001")]
    created_by: String,
    /// When.
    created_at: Instant,
    /// Officer who proposed to send it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "um-0001")]
    proposed_by: Option<String>,
    /// Officer who approved that.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "um-0002")]
    started_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<Instant>,
    /// When it was stopped or had finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Instant>,
}

impl Notice {
    fn of(told: contract::Notice) -> Result<Self, GatewayError> {
        let state = match told.state() {
            contract::NoticeState::Prepared => "prepared",
            contract::NoticeState::Proposed => "proposed",
            contract::NoticeState::Running => "running",
            contract::NoticeState::Stopped => "stopped",
            contract::NoticeState::Finished => "finished",
            contract::NoticeState::Unspecified => return Err(GatewayError::IncompleteAnswer("a notice's state")),
        };
        Ok(Self {
            state,
            id: told.notice_id,
            template: told.template,
            version: told.version,
            valid_hours: told.valid_hours,
            created_by: told.created_by,
            created_at: Instant::at(told.created_at_ms),
            proposed_by: present(told.proposed_by),
            started_by: present(told.started_by),
            started_at: Instant::from_contract(told.started_at_ms),
            ended_at: Instant::from_contract(told.ended_at_ms),
        })
    }
}

/// Notices, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NoticeList {
    /// One page.
    notices: Vec<Notice>,
    /// Where the next one begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "0197a3c0-8d6e-7a41-b6a5-0f5b6f3f2d77")]
    next: Option<String>,
}

impl NoticeList {
    pub(crate) fn of(told: contract::ListNoticesResponse) -> Result<Self, GatewayError> {
        let notices = told.notices.into_iter().map(Notice::of).collect::<Result<_, _>>()?;
        Ok(Self { notices, next: present(told.next_page_token) })
    }
}

/// How far a notice is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NoticeProgress {
    /// The notice.
    notice: Notice,
    /// How many recipients are where: `created`, `no_opt_in`, `withdrawn`, and the states of a message's life from `queued` to `delivered`.
    #[schema(example = json!({"delivered": 118, "accepted": 2, "no_opt_in": 3}))]
    recipients: BTreeMap<String, u32>,
    /// Not before then is anything sent, where it is quiet now.
    #[serde(skip_serializing_if = "Option::is_none")]
    quiet_until: Option<Instant>,
}

impl NoticeProgress {
    pub(crate) fn of(told: contract::GetNoticeResponse) -> Result<Self, GatewayError> {
        Ok(Self {
            notice: Notice::of(told.notice.ok_or(GatewayError::IncompleteAnswer("a notice"))?)?,
            recipients: told.recipients.into_iter().collect(),
            quiet_until: Instant::from_contract(told.quiet_until_ms),
        })
    }
}

/// What became of a recipient's message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecipientReport {
    /// The sender's own name for them.
    #[schema(example = "r-0001")]
    reference: String,
    /// Where it is.
    #[schema(example = "delivered")]
    state: String,
    /// Language of the message.
    #[schema(example = "uk")]
    language: String,
    /// Whether it has characters beyond the default alphabet.
    in_ucs2: bool,
    /// Its parts.
    #[schema(example = 2)]
    parts: u32,
    /// What they cost, if they are sent, in grosz.
    #[schema(example = 14)]
    cost_grosz: i64,
}

/// A report, by reference.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NoticeReport {
    /// One page.
    recipients: Vec<RecipientReport>,
    /// Where the next one begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "r-0500")]
    next: Option<String>,
}

impl NoticeReport {
    pub(crate) fn of(told: contract::ListRecipientsResponse) -> Self {
        let recipient = |one: contract::RecipientReport| RecipientReport {
            reference: one.reference,
            state: one.state,
            language: one.language,
            in_ucs2: one.in_ucs2,
            parts: one.parts,
            cost_grosz: one.cost_grosz,
        };
        let next = present(told.next_page_token);
        Self { recipients: told.recipients.into_iter().map(recipient).collect(), next }
    }
}

/// What a stop has kept from being sent.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoppedNotice {
    /// Recipients who are not written to because of it.
    #[schema(example = 80)]
    pub(crate) withdrawn: u32,
}
