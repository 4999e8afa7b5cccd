//! What partners meet behind either binding.

use std::sync::Arc;

use async_trait::async_trait;
use exchange::Country;
use exchange::code::{GeneralMessageCode, GetCaCertificatesCode, RequestCertificateCode, SendCertificatesCode};
use exchange::message::{
    GeneralMessage, GetCaCertificates, GetCaCertificatesAnswer, RequestCertificate, RequestCertificateAnswer,
    SendCertificates,
};
use exchange::operation::Operation;
use exchange::profile::Profile;
use straznica_exchange_wire::soap::Profiles;
use straznica_exchange_wire::{Application, Caller};

use crate::app::App;
use crate::app::exchange::{ca_certificates, callbacks, inbound, messages, refused};

/// Every partner's messages, whichever binding brought them.
pub(crate) struct Door(Arc<App>);

impl Door {
    pub(crate) const fn new(app: Arc<App>) -> Self {
        Self(app)
    }
}

#[async_trait]
impl Application for Door {
    async fn request_certificate(&self, caller: &Caller, message: RequestCertificate) -> RequestCertificateAnswer {
        if !refused::is_taken_in(&self.0, caller.country, Operation::RequestCertificate).await {
            return RequestCertificateAnswer::of(RequestCertificateCode::FailureInternalError);
        }
        inbound::request_certificate(&self.0, caller.country, message).await
    }

    async fn send_certificates(&self, caller: &Caller, message: SendCertificates) -> SendCertificatesCode {
        if !refused::is_taken_in(&self.0, caller.country, Operation::SendCertificates).await {
            return SendCertificatesCode::FailureInternalError;
        }
        callbacks::send_certificates(&self.0, caller.country, message).await
    }

    async fn get_ca_certificates(&self, caller: &Caller, message: GetCaCertificates) -> GetCaCertificatesAnswer {
        if !refused::is_taken_in(&self.0, caller.country, Operation::GetCaCertificates).await {
            return GetCaCertificatesAnswer::of(GetCaCertificatesCode::FailureInternalError);
        }
        ca_certificates::get_ca_certificates(&self.0, caller.country, message).await
    }

    async fn general_message(&self, caller: &Caller, message: GeneralMessage) -> GeneralMessageCode {
        if !refused::is_taken_in(&self.0, caller.country, Operation::GeneralMessage).await {
            return GeneralMessageCode::FailureInternalError;
        }
        messages::general_message(&self.0, caller.country, message).await
    }

    async fn refused(&self, caller: &Caller, operation: Operation) {
        refused::unread(&self.0, caller.country, operation).await;
    }
}

/// How each partner is answered: as its registration says, and where that names a profile no longer loaded, as the edition of 2009 has it, whose codes
/// everybody knows.
pub(crate) struct RegisteredProfiles {
    app: Arc<App>,
    fallback: Arc<Profile>,
}

impl RegisteredProfiles {
    pub(crate) const fn new(app: Arc<App>, fallback: Arc<Profile>) -> Self {
        Self { app, fallback }
    }
}

impl Profiles for RegisteredProfiles {
    fn of(&self, country: Country) -> Arc<Profile> {
        let partner = self.app.partners.get(country);
        let profile = partner.and_then(|partner| self.app.profiles.get(&partner.profile).map(Arc::clone));
        profile.unwrap_or_else(|| {
            tracing::warn!(%country, "the partner's profile is not loaded; it is answered as the edition of 2009 has it");
            Arc::clone(&self.fallback)
        })
    }
}
