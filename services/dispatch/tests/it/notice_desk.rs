//! Officers of an institution at their desks, dealing with notices through the gateway.

use std::collections::HashMap;
use std::time::Duration;

use straznica_contracts::common::v1::CallContext;
use straznica_contracts::dispatch::v1::notice_service_client::NoticeServiceClient;
use straznica_contracts::dispatch::v1::{
    AddRecipientsRequest, ApproveTemplateRequest, CreateNoticeRequest, GetNoticeRequest, GetNoticeResponse,
    ListRecipientsRequest, NoticeRecipient, NoticeState, PreviewNoticeRequest, PreviewNoticeResponse,
    ProposeStartRequest, ProposeTemplateRequest, RecipientReport, RecordChoiceRequest, StartNoticeRequest,
    StopNoticeRequest, TemplatePlace,
};
use straznica_pki::Names;
use straznica_runtime::channel::Channel;
use tonic::Status;

use crate::house::{House, context};

pub(crate) const TEMPLATE: &str = "payment-day";
pub(crate) const INSTITUTION: &str = "udsc";
/// Proposes.
pub(crate) const ANNA: &str = "a.nowak";
/// Approves.
pub(crate) const JAN: &str = "j.kowalski";

pub(crate) fn texts(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

pub(crate) fn phone(number: usize) -> String {
    format!("+48501{number:06}")
}

pub(crate) fn reference(number: usize) -> String {
    format!("r-{number:04}")
}

/// A recipient in Polish or Ukrainian, by turns.
pub(crate) fn recipient(number: usize) -> NoticeRecipient {
    NoticeRecipient {
        reference: reference(number),
        phone: phone(number),
        language: if number.is_multiple_of(2) { "pl" } else { "uk" }.to_owned(),
        values: texts(&[("date", "1.12")]),
    }
}

/// An officer, and through whom they call.
pub(crate) struct Desk {
    pub(crate) client: NoticeServiceClient<Channel>,
    pub(crate) officer: &'static str,
    pub(crate) institution: &'static str,
}

impl House {
    /// An officer's desk at the gateway.
    pub(crate) fn desk(&self, officer: &'static str) -> Desk {
        let gateway = self.ca.issue_service("gateway", &Names::loopback()).unwrap();
        Desk { client: NoticeServiceClient::new(self.channel_of(&gateway)), officer, institution: INSTITUTION }
    }
}

impl Desk {
    /// The same desk, with somebody else at it.
    pub(crate) fn with(&self, officer: &'static str) -> Self {
        Self { client: self.client.clone(), officer, institution: self.institution }
    }

    pub(crate) fn context(&self) -> Option<CallContext> {
        Some(CallContext { officer: self.officer.to_owned(), ..context() })
    }

    pub(crate) fn words(&self, texts_by_language: &[(&str, &str)]) -> ProposeTemplateRequest {
        ProposeTemplateRequest {
            context: self.context(),
            institution: self.institution.to_owned(),
            template: TEMPLATE.to_owned(),
            places: vec![TemplatePlace { name: "date".to_owned(), longest: 10 }],
            texts: texts(texts_by_language),
            fallback: "pl".to_owned(),
        }
    }

    pub(crate) async fn propose_words(&self, request: ProposeTemplateRequest) -> Result<u32, Status> {
        Ok(self.client.clone().propose_template(request).await?.into_inner().version)
    }

    pub(crate) async fn approve_words(&self, version: u32) -> Result<(), Status> {
        let request = ApproveTemplateRequest {
            context: self.context(),
            institution: self.institution.to_owned(),
            template: TEMPLATE.to_owned(),
            version,
        };
        self.client.clone().approve_template(request).await.map(drop)
    }

    pub(crate) async fn choose(&self, phone: &str, wants_notices: bool) {
        let request = RecordChoiceRequest {
            context: self.context(),
            institution: self.institution.to_owned(),
            phone: phone.to_owned(),
            wants_notices,
        };
        self.client.clone().record_choice(request).await.unwrap();
    }

    pub(crate) async fn create(&self, id: &str, version: u32) -> Result<(), Status> {
        let request = CreateNoticeRequest {
            context: self.context(),
            notice_id: id.to_owned(),
            institution: self.institution.to_owned(),
            template: TEMPLATE.to_owned(),
            version,
            valid_hours: 48,
        };
        self.client.clone().create_notice(request).await.map(drop)
    }

    pub(crate) async fn add(&self, id: &str, recipients: Vec<NoticeRecipient>) -> Result<u32, Status> {
        let request = AddRecipientsRequest {
            context: self.context(),
            institution: self.institution.to_owned(),
            notice_id: id.to_owned(),
            recipients,
        };
        Ok(self.client.clone().add_recipients(request).await?.into_inner().added)
    }

    pub(crate) async fn preview(&self, id: &str) -> PreviewNoticeResponse {
        let request = PreviewNoticeRequest {
            context: self.context(),
            institution: self.institution.to_owned(),
            notice_id: id.to_owned(),
        };
        self.client.clone().preview_notice(request).await.unwrap().into_inner()
    }

    pub(crate) async fn propose(&self, id: &str) -> Result<(), Status> {
        let request = ProposeStartRequest {
            context: self.context(),
            institution: self.institution.to_owned(),
            notice_id: id.to_owned(),
        };
        self.client.clone().propose_start(request).await.map(drop)
    }

    pub(crate) async fn start(&self, id: &str) -> Result<(), Status> {
        let request = StartNoticeRequest {
            context: self.context(),
            institution: self.institution.to_owned(),
            notice_id: id.to_owned(),
        };
        self.client.clone().start_notice(request).await.map(drop)
    }

    pub(crate) async fn stop(&self, id: &str, reason: &str) -> Result<u32, Status> {
        let request = StopNoticeRequest {
            context: self.context(),
            institution: self.institution.to_owned(),
            notice_id: id.to_owned(),
            reason: reason.to_owned(),
        };
        Ok(self.client.clone().stop_notice(request).await?.into_inner().withdrawn)
    }

    pub(crate) async fn look(&self, id: &str) -> Result<GetNoticeResponse, Status> {
        let request = GetNoticeRequest {
            context: self.context(),
            institution: self.institution.to_owned(),
            notice_id: id.to_owned(),
        };
        Ok(self.client.clone().get_notice(request).await?.into_inner())
    }

    pub(crate) async fn state(&self, id: &str) -> NoticeState {
        self.look(id).await.unwrap().notice.unwrap().state()
    }

    /// How many recipients are where, by the names of states in order.
    pub(crate) async fn counts(&self, id: &str) -> Vec<(String, u32)> {
        let mut counts: Vec<_> = self.look(id).await.unwrap().recipients.into_iter().collect();
        counts.sort();
        counts
    }

    pub(crate) async fn becomes(&self, id: &str, expected: NoticeState) {
        for _ in 0..3_000 {
            if self.state(id).await == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{:?}", self.look(id).await);
    }

    /// Waits until recipients are in these states.
    pub(crate) async fn counts_become(&self, id: &str, expected: &[(&str, u32)]) {
        let expected: Vec<_> = expected.iter().map(|(state, count)| ((*state).to_owned(), *count)).collect();
        let mut found = Vec::new();
        for _ in 0..3_000 {
            found = self.counts(id).await;
            if found == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{found:?}, not {expected:?}");
    }

    /// Waits until so many recipients wait with the notice, and so many in the outbox: queued, or in a pump's hands.
    pub(crate) async fn waits(&self, id: &str, with_notice: u32, in_outbox: u32) {
        let mut found = (0, 0);
        for _ in 0..3_000 {
            let counts = self.look(id).await.unwrap().recipients;
            let of = |state: &str| counts.get(state).copied().unwrap_or(0);
            found = (of("created"), of("queued") + of("submitted"));
            if found == (with_notice, in_outbox) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{found:?}, not {with_notice} and {in_outbox}");
    }

    /// A page of the report, and the token of the next.
    pub(crate) async fn report(
        &self,
        id: &str,
        page_size: u32,
        page_token: &str,
    ) -> Result<(Vec<RecipientReport>, String), Status> {
        let request = ListRecipientsRequest {
            context: self.context(),
            institution: self.institution.to_owned(),
            notice_id: id.to_owned(),
            page_size,
            page_token: page_token.to_owned(),
        };
        let page = self.client.clone().list_recipients(request).await?.into_inner();
        Ok((page.recipients, page.next_page_token))
    }

    /// Words that are approved.
    pub(crate) async fn approved(&self) -> u32 {
        let other = self.with(if self.officer == JAN { ANNA } else { JAN });
        let request = other.words(&[("pl", "Wyplata {date}."), ("uk", "Виплата {date}.")]);
        let version = other.propose_words(request).await.unwrap();
        self.approve_words(version).await.unwrap();
        version
    }

    /// A notice to so many people who wish to hear of it; its id.
    pub(crate) async fn prepared(&self, house: &House, people: usize) -> String {
        let version = self.approved().await;
        let id = house.id();
        self.create(&id, version).await.unwrap();
        for number in 0..people {
            self.choose(&phone(number), true).await;
        }
        if people > 0 {
            self.add(&id, (0..people).map(recipient).collect()).await.unwrap();
        }
        id
    }

    /// Proposed by whoever is at the desk, approved by Jan.
    pub(crate) async fn begin(&self, id: &str) {
        self.propose(id).await.unwrap();
        self.with(JAN).start(id).await.unwrap();
    }
}
