//! Asks citizens: dispatch asks on the phone or sends the code, counts the attempts and compares.
//!
//! Whether somebody is behind a question is for dispatch to keep to itself: where there is nobody it is told of no phone, does the same work, and takes no
//! code for right.

use std::time::Duration;

use identifiers::PhoneNumber;
use straznica_contracts::common::v1::CallContext;
use straznica_contracts::dispatch::v1::code_service_client::CodeServiceClient;
use straznica_contracts::dispatch::v1::lift_lock_request::Locked;
use straznica_contracts::dispatch::v1::{
    Approval, ApprovalChannel, CancelCodeRequest, GetLockRequest, GetTransactionRequest, LiftLockRequest,
    LockedOfficial, ResendCodeRequest, SendCodeRequest, TransactionState, ValidateCodeRequest,
};
use straznica_error::Class;
use straznica_runtime::channel::Channel;
use straznica_types::{OfficerId, Secret, Timestamp};
use tonic::Status;

use crate::domain::verification::{ChallengeChannel, VerificationRefusal};
use crate::error::IdentityError;

/// A question to somebody, or to nobody.
pub(crate) struct Question<'a> {
    pub(crate) context: CallContext,
    pub(crate) transaction: String,
    /// Keyed digest of the person.
    pub(crate) subject: String,
    /// `None`: there is nobody.
    pub(crate) phone: Option<&'a PhoneNumber>,
    pub(crate) institution: &'a str,
    pub(crate) binding_text: &'a str,
    pub(crate) life: Duration,
    /// Whether the answer must tell nothing of the subject.
    pub(crate) conceal: bool,
    /// Whether the citizen may be asked on the phone, before a code is sent. Which way it is nobody is told.
    pub(crate) prompt: bool,
}

/// Until when it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) expires_at: Timestamp,
    pub(crate) resend_at: Timestamp,
    pub(crate) resends_left: u32,
}

/// What the citizen has said, as dispatch knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answered {
    /// Nothing, or nothing that counts.
    NotYet,
    /// Yes, in this way.
    Yes(ChallengeChannel),
    /// No, on the phone.
    No,
}

/// What a code is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeVerdict {
    /// It is the one that was sent.
    Right,
    /// It is not.
    Wrong,
    /// It is not, or may be, and no attempt is left.
    NoAttemptLeft,
    /// Its time is over.
    Expired,
}

/// The client of dispatch.
pub(crate) struct Challenger {
    client: CodeServiceClient<Channel>,
}

impl Challenger {
    /// Over this channel.
    pub(crate) fn new(channel: Channel) -> Self {
        Self { client: CodeServiceClient::new(channel) }
    }

    /// Asks.
    pub(crate) async fn ask(&self, question: Question<'_>) -> Result<Asked, IdentityError> {
        let request = SendCodeRequest {
            context: Some(question.context),
            transaction_id: question.transaction,
            subject: question.subject,
            phone: question.phone.map(|phone| phone.expose().to_owned()).unwrap_or_default(),
            institution: question.institution.to_owned(),
            binding_text: question.binding_text.to_owned(),
            language: "pl".to_owned(),
            life_seconds: u32::try_from(question.life.as_secs()).unwrap_or(u32::MAX),
            conceal: question.conceal,
            allow_prompt: question.prompt,
        };
        let sent = self.client.clone().send_code(request).await.map_err(|status| failure(&status))?.into_inner();
        Ok(Asked {
            expires_at: Timestamp::from_millis(sent.expires_at_ms),
            resend_at: Timestamp::from_millis(sent.resend_at_ms),
            resends_left: sent.resends_left,
        })
    }

    /// Asks once more, with the same code.
    pub(crate) async fn ask_again(
        &self,
        context: CallContext,
        transaction: String,
        institution: &str,
    ) -> Result<Asked, IdentityError> {
        let request = ResendCodeRequest {
            context: Some(context),
            transaction_id: transaction,
            institution: institution.to_owned(),
        };
        let sent = self.client.clone().resend_code(request).await.map_err(|status| failure(&status))?.into_inner();
        Ok(Asked {
            expires_at: Timestamp::from_millis(sent.expires_at_ms),
            resend_at: Timestamp::from_millis(sent.resend_at_ms),
            resends_left: sent.resends_left,
        })
    }

    /// Has a code compared. The attempt is counted whatever comes of it.
    pub(crate) async fn compare(
        &self,
        context: CallContext,
        transaction: String,
        institution: &str,
        code: &Secret<String>,
    ) -> Result<CodeVerdict, IdentityError> {
        let request = ValidateCodeRequest {
            context: Some(context),
            transaction_id: transaction,
            institution: institution.to_owned(),
            code: code.expose().clone(),
        };
        let Err(status) = self.client.clone().validate_code(request).await else { return Ok(CodeVerdict::Right) };
        let detail = straznica_error::detail_of(&status);
        match detail.as_ref().map(|detail| detail.code.as_str()) {
            Some("dispatch.invalid_otp") => Ok(CodeVerdict::Wrong),
            Some("dispatch.verification_failed") => Ok(CodeVerdict::NoAttemptLeft),
            Some("dispatch.verification_expired") => Ok(CodeVerdict::Expired),
            _ => Err(failure(&status)),
        }
    }

    /// Reads what the citizen has said.
    pub(crate) async fn answer(
        &self,
        context: CallContext,
        transaction: String,
        institution: &str,
    ) -> Result<Answered, IdentityError> {
        let request = GetTransactionRequest {
            context: Some(context),
            transaction_id: transaction,
            institution: institution.to_owned(),
        };
        let standing =
            self.client.clone().get_transaction(request).await.map_err(|status| failure(&status))?.into_inner();
        let channel = standing.approval.as_ref().map(Approval::channel);
        Ok(match (standing.state(), channel) {
            (TransactionState::Approved, Some(ApprovalChannel::Phone)) => {
                Answered::Yes(ChallengeChannel::MobileConnect)
            }
            (TransactionState::Approved, Some(ApprovalChannel::Code)) => Answered::Yes(ChallengeChannel::Sms),
            (TransactionState::Refused, _) => Answered::No,
            // What dispatch says that is not in the contract is no yes.
            _ => Answered::NotYet,
        })
    }

    /// Since when dispatch compares no codes for somebody.
    pub(crate) async fn lock_of(
        &self,
        context: CallContext,
        subject: String,
    ) -> Result<Option<Timestamp>, IdentityError> {
        let request = GetLockRequest { context: Some(context), subject };
        let found = self.client.clone().get_lock(request).await.map_err(|status| failure(&status))?;
        Ok(found.into_inner().locked_since_ms.map(Timestamp::from_millis))
    }

    /// Lifts the lock dispatch has laid on somebody, if there is one.
    pub(crate) async fn lift_of(
        &self,
        context: CallContext,
        subject: String,
        reason: &str,
    ) -> Result<(), IdentityError> {
        let locked = Some(Locked::Subject(subject));
        let request = LiftLockRequest { context: Some(context), locked, reason: reason.to_owned() };
        self.client.clone().lift_lock(request).await.map(drop).map_err(|status| failure(&status))
    }

    /// Lifts the lock dispatch has laid on an official, if there is one.
    pub(crate) async fn lift(
        &self,
        context: CallContext,
        institution: &str,
        officer: &OfficerId,
        reason: &str,
    ) -> Result<(), IdentityError> {
        let official = LockedOfficial { institution: institution.to_owned(), officer: officer.to_string() };
        let request = LiftLockRequest {
            context: Some(context),
            locked: Some(Locked::Official(official)),
            reason: reason.to_owned(),
        };
        self.client.clone().lift_lock(request).await.map(drop).map_err(|status| failure(&status))
    }

    /// Makes a code worthless. That it could not be done harms nobody: the verification it was for has ended.
    pub(crate) async fn forget(&self, context: CallContext, transaction: String, institution: &str) {
        let request = CancelCodeRequest {
            context: Some(context),
            transaction_id: transaction,
            institution: institution.to_owned(),
        };
        if let Err(status) = self.client.clone().cancel_code(request).await {
            tracing::warn!(code = ?status.code(), "a code could not be cancelled: it ends by its time");
        }
    }
}

/// What dispatch refuses, as identity says it; the text stays behind.
fn failure(status: &Status) -> IdentityError {
    let detail = straznica_error::detail_of(status);
    let wait = detail.as_ref().and_then(|detail| detail.retry_after_ms).and_then(|millis| u64::try_from(millis).ok());
    match detail.as_ref().map(|detail| detail.code.as_str()) {
        Some("dispatch.official_locked") => VerificationRefusal::OfficialLocked.into(),
        Some("dispatch.rate_exceeded") => VerificationRefusal::TooOften(wait.map(Duration::from_millis)).into(),
        Some("dispatch.max_otp_codes_exceeded") => VerificationRefusal::TooOften(None).into(),
        Some("dispatch.phone_number_not_allowed" | "dispatch.phone_number_blocked") => {
            VerificationRefusal::PhoneNotServed.into()
        }
        Some("dispatch.verification_expired") => VerificationRefusal::Expired.into(),
        Some("dispatch.verification_failed") => VerificationRefusal::NoAttemptLeft.into(),
        Some("dispatch.invalid_otp") => VerificationRefusal::CodeWrong.into(),
        _ => {
            let class = straznica_error::class_of(status);
            tracing::warn!(code = ?status.code(), "dispatch was not reached, or refused");
            IdentityError::ChallengeUnavailable { transient: class != Class::InvalidArgument }
        }
    }
}
