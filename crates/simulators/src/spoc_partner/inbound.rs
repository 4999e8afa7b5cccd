//! The four operations as the partner answers them.

use std::time::Duration;

use async_trait::async_trait;
use exchange::code::{
    GeneralMessageCode, GetCaCertificatesCode, RequestCertificateCode, SendCertificatesCode, StatusInfo,
};
use exchange::message::{
    Answer, GeneralMessage, GetCaCertificates, GetCaCertificatesAnswer, MAX_MESSAGE_ID, Message, RequestCertificate,
    RequestCertificateAnswer, SendCertificates, is_message_id,
};
use straznica_exchange_wire::{Application, Caller};

use super::answering::later;
use super::mischief::Mischief;
use super::neighbour::Approval;
use super::{SpocPartner, State, Waiting, Wrongs};

/// How long a partner that races itself keeps a request between looking it up and deciding: whoever sent another with it has it here by then, over a line too.
const RACE: Duration = Duration::from_millis(100);

#[async_trait]
impl Application for SpocPartner {
    async fn request_certificate(&self, caller: &Caller, message: RequestCertificate) -> RequestCertificateAnswer {
        let mut wrongs = self.wrongs();
        if !wrongs.takes_id(&message.message_id) {
            return RequestCertificateAnswer::of(RequestCertificateCode::FailureSyntax);
        }
        let today = self.today();
        let kept = Message::RequestCertificate(message.clone());
        let before = self.state().stored(caller, &kept, &wrongs);
        match before {
            Stored::Answer(Answer::RequestCertificate(answer)) if wrongs.gives_in(answer.result) => {
                wrongs.0.push(Mischief::SkipsOuterSignature);
            }
            Stored::Answer(Answer::RequestCertificate(answer)) => return answer,
            Stored::Answer(_) | Stored::Other => {
                let refusal = RequestCertificateAnswer::of(RequestCertificateCode::FailureRequestNotAccepted);
                if wrongs.has(Mischief::KeepsTheLatest) {
                    self.state().store(caller, kept, Answer::RequestCertificate(refusal.clone()));
                }
                return refusal;
            }
            Stored::None if wrongs.has(Mischief::RacesItself) => {
                // whoever else is on the way is looked up as well before either is answered
                tokio::time::sleep(RACE).await;
                if let Stored::Answer(_) = self.state().stored(caller, &kept, &wrongs) {
                    wrongs.0.extend([Mischief::CertifiesKeysTwice, Mischief::GivesReferencesTwice]);
                }
            }
            Stored::None => {}
        }
        let mut state = self.state();
        let answer = state.decide(caller, &message, today, &wrongs);
        if answer.result == RequestCertificateCode::FailureInternalError {
            // nothing was decided: the same message may come again
            return answer;
        }
        state.store(caller, kept, Answer::RequestCertificate(answer.clone()));
        answer
    }

    async fn send_certificates(&self, caller: &Caller, message: SendCertificates) -> SendCertificatesCode {
        let wrongs = self.wrongs();
        self.state().receive(caller.country, message, &wrongs)
    }

    async fn get_ca_certificates(&self, caller: &Caller, message: GetCaCertificates) -> GetCaCertificatesAnswer {
        let wrongs = self.wrongs();
        if !wrongs.takes_id(&message.message_id) && !wrongs.has(Mischief::TakesAnyMessageIdOfQuestions) {
            return GetCaCertificatesAnswer::of(GetCaCertificatesCode::FailureSyntax);
        }
        let told = wrongs.0.iter().find_map(|wrong| match wrong {
            Mischief::AnswersCaQuestions(code) => Some(*code),
            _ => None,
        });
        if let Some(code) = told {
            return GetCaCertificatesAnswer::of(code);
        }
        let mut state = self.state();
        match state.stored(caller, &Message::GetCaCertificates(message.clone()), &wrongs) {
            Stored::Answer(Answer::GetCaCertificates(mut answer)) => {
                if wrongs.has(Mischief::AnswersOtherwiseAgain) {
                    answer.certificates.pop();
                }
                return answer;
            }
            Stored::Answer(_) | Stored::Other => {
                return GetCaCertificatesAnswer::of(GetCaCertificatesCode::FailureRequestNotAccepted);
            }
            Stored::None => {}
        }
        let Ok(certificates) = state.authorities(&wrongs) else {
            return GetCaCertificatesAnswer::of(GetCaCertificatesCode::FailureInternalError);
        };
        let answer = GetCaCertificatesAnswer { result: GetCaCertificatesCode::OkCertAvailable, certificates };
        state.store(caller, Message::GetCaCertificates(message), Answer::GetCaCertificates(answer.clone()));
        answer
    }

    async fn general_message(&self, caller: &Caller, message: GeneralMessage) -> GeneralMessageCode {
        let wrongs = self.wrongs();
        let empty = message.subject.is_empty() || !wrongs.takes_id(&message.message_id);
        let long = message.subject.chars().count() > exchange::message::MAX_SUBJECT
            || message.body.chars().count() > exchange::message::MAX_BODY;
        let foreign = !message.subject.is_ascii() || !message.body.is_ascii();
        if (empty && !wrongs.has(Mischief::TakesEmptyMessages))
            || (long && !wrongs.has(Mischief::TakesLongTexts))
            || (foreign && wrongs.has(Mischief::KnowsOnlyAscii))
        {
            return GeneralMessageCode::FailureSyntax;
        }
        if wrongs.has(Mischief::KeepsNoMessages) {
            return GeneralMessageCode::FailureInternalError;
        }
        let mut state = self.state();
        match state.stored(caller, &Message::GeneralMessage(message.clone()), &wrongs) {
            Stored::Answer(Answer::GeneralMessage(_)) if wrongs.has(Mischief::RefusesRepetition) => {
                return GeneralMessageCode::FailureInternalError;
            }
            Stored::Answer(Answer::GeneralMessage(code)) => return code,
            Stored::Answer(_) | Stored::Other => return GeneralMessageCode::FailureSyntax,
            Stored::None => {}
        }
        state.store(caller, Message::GeneralMessage(message), Answer::GeneralMessage(GeneralMessageCode::Ok));
        GeneralMessageCode::Ok
    }
}

impl Wrongs {
    /// Whether a message under this id is taken.
    fn takes_id(&self, id: &str) -> bool {
        if self.has(Mischief::TakesPlainMessageIdsAlone) && !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return false;
        }
        is_message_id(id)
            || self.has(Mischief::TakesAnyMessageId)
            || (id.is_empty() && self.has(Mischief::TakesEmptyMessageIds))
            || (id.chars().count() > MAX_MESSAGE_ID && self.has(Mischief::TakesLongMessageIds))
    }

    /// Whether a request that got this answer gets another one when it comes again.
    fn gives_in(&self, answer: RequestCertificateCode) -> bool {
        answer == RequestCertificateCode::FailureOuterSignature && self.has(Mischief::GivesInWhenAskedAgain)
    }
}

/// What is known of a message that comes.
enum Stored {
    /// It came before.
    Answer(Answer),
    /// Another one came under its id.
    Other,
    /// Nothing.
    None,
}

impl State {
    fn stored(&self, caller: &Caller, message: &Message, wrongs: &Wrongs) -> Stored {
        if wrongs.has(Mischief::ForgetsMessages) || id_of(message).is_empty() {
            // what has no name cannot come again
            return Stored::None;
        }
        match self.answered.get(&(caller.country, id_of(message))) {
            None => Stored::None,
            Some((before, _))
                if before.operation() != message.operation() && wrongs.has(Mischief::KnowsMessagesByOperation) =>
            {
                Stored::None
            }
            Some((before, answer)) if before == message || wrongs.has(Mischief::KnowsMessagesByIdAlone) => {
                Stored::Answer(answer.clone())
            }
            Some(_) => Stored::Other,
        }
    }

    fn store(&mut self, caller: &Caller, message: Message, answer: Answer) {
        self.answered.insert((caller.country, id_of(&message)), (message, answer));
    }

    fn decide(
        &mut self,
        caller: &Caller,
        message: &RequestCertificate,
        today: time::Date,
        wrongs: &Wrongs,
    ) -> RequestCertificateAnswer {
        for wrong in &wrongs.0 {
            if let Mischief::Answers(code) = wrong {
                return RequestCertificateAnswer::of(*code);
            }
        }
        if wrongs.has(Mischief::NeverAnswers) {
            return RequestCertificateAnswer::of(RequestCertificateCode::OkReceptionAck);
        }
        let acknowledged = RequestCertificateAnswer::of(RequestCertificateCode::OkReceptionAck);
        let granted = match self.judge(caller.country, &message.certificate_request, today, wrongs) {
            Ok(granted) => granted,
            Err(code) if wrongs.has(Mischief::AcknowledgesFirst) => {
                self.dispatch(caller.country, Some(message.message_id.clone()), later(code), Vec::new());
                return acknowledged;
            }
            Err(code) => return RequestCertificateAnswer::of(code),
        };
        if granted.approval == Approval::People {
            self.waiting.push(Waiting {
                caller: caller.country,
                message_id: message.message_id.clone(),
                request: message.certificate_request.clone(),
            });
            return acknowledged;
        }
        match self.issue(granted, today, wrongs) {
            Ok(certificates) if wrongs.has(Mischief::AcknowledgesFirst) => {
                let message_id = Some(message.message_id.clone());
                self.dispatch(caller.country, message_id, StatusInfo::OkCertAvailable, certificates);
                acknowledged
            }
            Ok(certificates) => {
                RequestCertificateAnswer { result: RequestCertificateCode::OkCertAvailable, certificates }
            }
            Err(_) => RequestCertificateAnswer::of(RequestCertificateCode::FailureInternalError),
        }
    }
}

fn id_of(message: &Message) -> String {
    match message {
        Message::RequestCertificate(message) => message.message_id.clone(),
        Message::SendCertificates(message) => message.message_id.clone().unwrap_or_default(),
        Message::GetCaCertificates(message) => message.message_id.clone(),
        Message::GeneralMessage(message) => message.message_id.clone(),
    }
}
