//! One citizen confirms another's document.

use std::time::Duration;

use straznica_contracts::identity::v1::ask_citizen_request::Criterion;
use straznica_contracts::identity::v1::peer_check_service_client::PeerCheckServiceClient;
use straznica_contracts::identity::v1::{
    AskCitizenRequest, AskCitizenResponse, CancelPeerCheckRequest, ConfirmPeerCodeRequest, DisclosureOutcome,
    ShowDocumentResponse, ShowPeerDocumentRequest, Verification,
};
use straznica_contracts::sources::v1::DocumentKind;
use straznica_identity::Migrations;
use straznica_runtime::channel::Channel;
use straznica_simulators::registers::{Circumstance, Fault, MadeUp};
use straznica_store::on_both_engines;
use tonic::Status;

use crate::dispatch::{CODE, WRONG};
use crate::house::{House, code, members};
use crate::office::PHONE;

const CARD: DocumentKind = DocumentKind::IdentityCard;
const OTHER_PHONE: &str = "+48601234567";

pub(crate) fn asking(asker: &MadeUp, asked: &MadeUp) -> AskCitizenRequest {
    let mut request = AskCitizenRequest::default();
    request.pesel = asker.pesel.expose().to_owned();
    request.given_names = "Halina Maria".to_owned();
    request.surname = "Zmyślona".to_owned();
    request.criterion = Some(Criterion::AskedPesel(asked.pesel.expose().to_owned()));
    request.kind = CARD.into();
    request
}

impl House {
    pub(crate) fn peers(&self) -> PeerCheckServiceClient<Channel> {
        PeerCheckServiceClient::new(self.channel.clone())
    }

    /// Two citizens who use the service: who asks, and who is asked.
    async fn neighbours(&self) -> (MadeUp, MadeUp) {
        let (asker, asked) = (self.person(Circumstance::CardLost), self.person(Circumstance::HasEverything));
        self.join(&asker, OTHER_PHONE, DocumentKind::DrivingLicence).await;
        self.join(&asked, PHONE, CARD).await;
        (asker, asked)
    }

    async fn ask(&self, asker: &MadeUp, asked: &MadeUp) -> Result<AskCitizenResponse, Status> {
        Ok(self.peers().ask_citizen(asking(asker, asked)).await?.into_inner())
    }

    pub(crate) async fn confirm_peer(&self, asker: &MadeUp, id: &str, code: &str) -> Result<Verification, Status> {
        let mut request = ConfirmPeerCodeRequest::default();
        request.pesel = asker.pesel.expose().to_owned();
        request.verification_id = id.to_owned();
        request.code = code.to_owned();
        Ok(self.peers().confirm_peer_code(request).await?.into_inner().verification.unwrap())
    }

    pub(crate) async fn show_peer(&self, asker: &MadeUp, id: &str) -> Result<ShowDocumentResponse, Status> {
        let mut request = ShowPeerDocumentRequest::default();
        request.pesel = asker.pesel.expose().to_owned();
        request.verification_id = id.to_owned();
        Ok(self.peers().show_peer_document(request).await?.into_inner().shown.unwrap())
    }
}

fn refusal(answered: Result<impl Sized, Status>) -> String {
    code(&answered.err().unwrap())
}

on_both_engines! {
    Migrations;

    async fn a_citizen_sees_the_least_of_anothers_document_once_and_both_read_of_it(database: TestDatabase) {
        let house = House::office(database).await;
        let (asker, asked) = house.neighbours().await;
        let opened = house.ask(&asker, &asked).await.unwrap().verification.unwrap();
        assert_eq!(opened.binding_text, "Halina Z. (obywatel): dowód osobisty");
        let sent = house.dispatch.sent().pop().unwrap();
        assert_eq!((sent.phone.as_str(), sent.binding_text.as_str()), (PHONE, opened.binding_text.as_str()));
        assert_eq!(refusal(house.show_peer(&asker, &opened.id).await), "identity.verification_state");
        assert_eq!(refusal(house.confirm_peer(&asker, &opened.id, WRONG).await), "identity.code_wrong");
        assert_eq!(refusal(house.confirm_peer(&asked, &opened.id, CODE).await), "identity.verification_unknown");
        assert_eq!(house.confirm_peer(&asker, &opened.id, CODE).await.unwrap().stage, "approved");
        assert_eq!(refusal(house.show_peer(&asked, &opened.id).await), "identity.verification_unknown");

        house.srp.script(Some(Fault::Down));
        assert_eq!(house.show_peer(&asker, &opened.id).await.unwrap().outcome(), DisclosureOutcome::RegisterUnavailable);
        house.srp.script(None);
        let shown = house.show_peer(&asker, &opened.id).await.unwrap();
        let document = &shown.documents[0];
        let holder = document.holder.as_ref().unwrap();
        assert_eq!((shown.outcome(), holder.surname.as_str()), (DisclosureOutcome::Found, asked.surname));
        assert!(!document.photo_jpeg.is_empty());
        assert_eq!((document.number.as_str(), holder.pesel.as_str(), holder.born_on.as_str()), ("", "", ""));
        assert!(document.details.is_none());
        assert_eq!(refusal(house.show_peer(&asker, &opened.id).await), "identity.verification_over");

        let read = house.accesses(&asked).await.remove(0);
        assert_eq!((read.asked_by.as_str(), read.by_oneself, read.stage.as_str()), ("Halina Z.", false, "shown"));
        assert_eq!((read.officer.as_str(), read.institution_name.as_str()), ("", ""));
        assert!(house.accesses(&asker).await.remove(0).by_oneself);
        let ended = house.texts("SELECT type_name FROM event WHERE type_name LIKE '%VerificationEnded'").await;
        assert_eq!(ended.len(), 1);
        house.close().await;
    }

    async fn the_asking_one_does_not_learn_who_uses_the_service(database: TestDatabase) {
        let house = House::office(database).await;
        let (asker, asked) = house.neighbours().await;
        let alike = |opened: AskCitizenResponse| {
            let mut alike = opened;
            alike.verification.as_mut().unwrap().id.clear();
            alike
        };
        let first = alike(house.ask(&asker, &asked).await.unwrap());
        for other in [Circumstance::HasNothing, Circumstance::LicenceExpired] {
            let opened = house.ask(&asker, &house.person(other)).await.unwrap();
            let id = opened.verification.as_ref().unwrap().id.clone();
            assert_eq!(alike(opened), first);
            assert_eq!(house.dispatch.sent().pop().unwrap().phone, "", "nothing is sent");
            assert_eq!(refusal(house.confirm_peer(&asker, &id, CODE).await), "identity.code_wrong");
            assert_eq!(refusal(house.show_peer(&asker, &id).await), "identity.verification_state");
        }
        assert!(house.srp.asked().is_empty());
        house.close().await;
    }

    async fn whoever_asks_uses_the_service_asks_for_another_and_not_too_often(database: TestDatabase) {
        let house = House::office_with(database, |config| config.verification.asker_daily = 2).await;
        let (asker, asked) = house.neighbours().await;
        let stranger = house.person(Circumstance::HasNothing);
        assert_eq!(refusal(house.ask(&stranger, &asked).await), "identity.not_activated");
        assert_eq!(refusal(house.ask(&asker, &asker).await), "identity.own_document");
        house.ask(&asker, &asked).await.unwrap();
        house.ask(&asker, &asked).await.unwrap();
        assert_eq!(refusal(house.ask(&asker, &asked).await), "identity.too_often");
        type Spoil = fn(&mut AskCitizenRequest);
        let table: [(Spoil, &str); 5] = [
            (|request| request.pesel.clear(), "/pesel"),
            (|request| request.given_names.clear(), "/given_names"),
            (|request| request.surname = "7".into(), "/surname"),
            (|request| request.criterion = None, "/asked_pesel"),
            (|request| request.kind = 0, "/kind"),
        ];
        for (spoil, member) in table {
            let mut request = asking(&asker, &asked);
            spoil(&mut request);
            assert_eq!(members(&house.peers().ask_citizen(request).await.unwrap_err()), [member]);
        }
        house.close().await;
    }

    async fn who_withdraws_or_gives_up_or_waits_too_long_ends_it(database: TestDatabase) {
        let house = House::office(database).await;
        let (asker, asked) = house.neighbours().await;
        let open = || async { house.ask(&asker, &asked).await.unwrap().verification.unwrap().id };
        let (given_up, left, approved) = (open().await, open().await, open().await);
        let mut cancel = CancelPeerCheckRequest::default();
        cancel.pesel = asker.pesel.expose().to_owned();
        cancel.verification_id = given_up.clone();
        let ended = house.peers().cancel_peer_check(cancel).await.unwrap().into_inner().verification.unwrap();
        assert_eq!((ended.stage.as_str(), ended.qualifier.as_str()), ("refused", "asker"));
        house.confirm_peer(&asker, &approved, CODE).await.unwrap();
        house.withdraw_all(&asked).await;
        assert_eq!(refusal(house.show_peer(&asker, &approved).await), "identity.verification_over");
        assert!(house.srp.asked().is_empty());
        house.clock.advance(Duration::from_secs(360));
        assert_eq!(refusal(house.confirm_peer(&asker, &left, CODE).await), "identity.verification_over");
        let expired = async {
            while house.count("SELECT count(*) FROM peer_check WHERE stage = 'expired'").await < 1 {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(15), expired).await.unwrap();
        house.close().await;
    }
}
