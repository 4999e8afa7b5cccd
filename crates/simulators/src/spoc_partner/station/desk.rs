//! Where messages come in: the partner answers them, at the moment it pleases.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use exchange::Country;
use exchange::code::{GeneralMessageCode, SendCertificatesCode};
use exchange::message::{
    GeneralMessage, GetCaCertificates, GetCaCertificatesAnswer, Message, RequestCertificate, RequestCertificateAnswer,
    SendCertificates,
};
use straznica_exchange_wire::client::PartnerClient;
use straznica_exchange_wire::{Application, Caller};

use super::front::Front;
use crate::spoc_partner::{Mischief, SpocPartner};

pub(super) struct Desk {
    partner: Arc<SpocPartner>,
    node: Country,
    way: Arc<dyn PartnerClient>,
    front: Arc<Front>,
    pub(super) heard: Mutex<Vec<Message>>,
}

impl Desk {
    pub(super) fn new(
        partner: Arc<SpocPartner>,
        node: Country,
        way: Arc<dyn PartnerClient>,
        front: Arc<Front>,
    ) -> Self {
        Self { partner, node, way, front, heard: Mutex::default() }
    }

    pub(super) fn way(&self) -> &dyn PartnerClient {
        self.way.as_ref()
    }

    pub(super) async fn deliver(&self) -> usize {
        self.partner.deliver(self.node, self.way()).await
    }

    fn hear(&self, message: Message) {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(message);
    }

    /// What is done between knowing the answer and giving it.
    async fn before_answering(&self) {
        if self.partner.does(Mischief::CallsBackFirst) {
            self.deliver().await;
        }
        if self.partner.does(Mischief::LosesAnswers) {
            self.front.cut();
        }
    }
}

#[async_trait]
impl Application for Desk {
    async fn request_certificate(&self, caller: &Caller, message: RequestCertificate) -> RequestCertificateAnswer {
        self.hear(Message::RequestCertificate(message.clone()));
        let answer = self.partner.request_certificate(caller, message).await;
        self.before_answering().await;
        answer
    }

    async fn send_certificates(&self, caller: &Caller, message: SendCertificates) -> SendCertificatesCode {
        self.hear(Message::SendCertificates(message.clone()));
        self.partner.send_certificates(caller, message).await
    }

    async fn get_ca_certificates(&self, caller: &Caller, message: GetCaCertificates) -> GetCaCertificatesAnswer {
        self.hear(Message::GetCaCertificates(message.clone()));
        let answer = self.partner.get_ca_certificates(caller, message).await;
        self.before_answering().await;
        answer
    }

    async fn general_message(&self, caller: &Caller, message: GeneralMessage) -> GeneralMessageCode {
        self.hear(Message::GeneralMessage(message.clone()));
        self.partner.general_message(caller, message).await
    }
}
