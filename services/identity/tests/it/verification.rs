//! mDokumenty from the counter: what is shown, to whom, and what is not.

use std::time::Duration;

use straznica_contracts::common::v1::CallContext;
use straznica_contracts::identity::v1::open_verification_request::Criterion;
use straznica_contracts::identity::v1::{
    CancelVerificationRequest, DisclosureOutcome, GetCodeLockRequest, LiftCodeLockRequest, OpenVerificationRequest,
    OpenVerificationResponse,
};
use straznica_contracts::sources::v1::{DocumentKind, DocumentState};
use straznica_identity::Migrations;
use straznica_simulators::registers::{Circumstance, Fault};
use straznica_store::on_both_engines;
use straznica_types::Clock as _;

use crate::dispatch::{CODE, WRONG};
use crate::house::{House, code, members};
use crate::office::{OFFICE, PHONE, by_pesel, official, opening};

const CARD: DocumentKind = DocumentKind::IdentityCard;

/// An answer without what differs between any two.
fn alike(opened: &OpenVerificationResponse) -> OpenVerificationResponse {
    let mut alike = opened.clone();
    alike.verification.as_mut().unwrap().id.clear();
    alike
}

on_both_engines! {
    Migrations;

    async fn who_is_locked_for_wrong_codes_sees_it_and_lifts_it_and_nobody_else(database: TestDatabase) {
        let house = House::office(database).await;
        let person = house.person(Circumstance::HasEverything);
        house.join(&person, PHONE, CARD).await;
        let pesel = person.pesel.expose().to_owned();
        let lock = async || {
            let request = GetCodeLockRequest { context: None, pesel: pesel.clone() };
            house.citizens().get_code_lock(request).await.unwrap().into_inner().locked_since_ms
        };
        let lift = async || {
            house.citizens().lift_code_lock(LiftCodeLockRequest { context: None, pesel: pesel.clone() }).await
        };
        assert_eq!(lock().await, None);
        assert_eq!(code(&lift().await.unwrap_err()), "identity.codes_not_locked");
        let subject = house.dispatch.sent().pop().unwrap().subject;
        house.dispatch.lock(&subject);
        assert_eq!(lock().await, Some(house.clock.now().millis()));
        lift().await.unwrap();
        assert_eq!(lock().await, None);
        let journalled = house.texts("SELECT kind FROM journal WHERE kind = 'codes.unlocked'").await;
        assert_eq!(journalled.len(), 1);
        // Somebody who never joined has no lock, and hears what they hear everywhere.
        let pesel = house.person(Circumstance::HasNothing).pesel.expose().to_owned();
        let refused = house.citizens().get_code_lock(GetCodeLockRequest { context: None, pesel }).await.unwrap_err();
        assert_eq!(code(&refused), "identity.phone_missing");
        house.close().await;
    }

    async fn a_document_is_shown_once_with_the_citizens_code_and_the_citizen_reads_who_asked(database: TestDatabase) {
        let house = House::office(database).await;
        let person = house.person(Circumstance::HasEverything);
        house.join(&person, PHONE, CARD).await;
        for criterion in [by_pesel(&person), Criterion::Phone("501 234 567".to_owned())] {
            let opened = house.open_verification(criterion, CARD).await.unwrap();
            let verification = opened.verification.unwrap();
            assert_eq!((verification.stage.as_str(), verification.qualifier.as_str()), ("challenged", ""));
            assert_eq!(verification.binding_text, "Urząd Gminy Próbne: dowód osobisty, sprawa urzędowa");
            let sent = house.dispatch.sent().pop().unwrap();
            assert_eq!((sent.phone.as_str(), sent.transaction_id.as_str()), (PHONE, verification.id.as_str()));
            assert_eq!((sent.binding_text, sent.institution.as_str()), (verification.binding_text, OFFICE));

            assert_eq!(code(&house.show(&verification.id).await.unwrap_err()), "identity.verification_state");
            assert_eq!(code(&house.confirm_code(&verification.id, WRONG).await.unwrap_err()), "identity.code_wrong");
            assert_eq!(house.confirm_code(&verification.id, CODE).await.unwrap().stage, "approved");
            let shown = house.show(&verification.id).await.unwrap();
            assert_eq!((shown.outcome(), shown.register.as_str(), shown.stale), (DisclosureOutcome::Found, "srp", false));
            let document = &shown.documents[0];
            assert_eq!((document.kind(), document.state()), (CARD, DocumentState::Valid));
            assert_eq!(document.holder.as_ref().unwrap().surname, person.surname);
            assert!(!document.photo_jpeg.is_empty());
            assert_eq!(code(&house.show(&verification.id).await.unwrap_err()), "identity.verification_over");
            assert_eq!(code(&house.confirm_code(&verification.id, CODE).await.unwrap_err()), "identity.verification_over");
        }
        assert_eq!(house.srp.asked().len(), 2);
        let accesses = house.accesses(&person).await;
        assert_eq!(accesses.len(), 2);
        for access in &accesses {
            assert_eq!((access.stage.as_str(), access.qualifier.as_str()), ("shown", "sms"));
            assert_eq!((access.institution_name.as_str(), access.officer.as_str()), ("Urząd Gminy Próbne", "um-0001"));
            assert_eq!((access.purpose.as_str(), access.case_number.as_str()), ("office_matter", "OR.5345.1.2026"));
        }
        assert_eq!(house.journal_kinds().await[..9], [
            "phone.proposed",
            "phone.confirmed",
            "document.activated",
            "verification.opened",
            "verification.challenged",
            "verification.code_wrong",
            "verification.approved",
            "verification.disclosure",
            "verification.shown",
        ]);
        house.close().await;
    }

    async fn nobody_learns_who_uses_the_service(database: TestDatabase) {
        let house = House::office_with(database, |config| config.verification.subject_daily = 1).await;
        let known = house.person(Circumstance::HasEverything);
        let other_kind = house.person(Circumstance::CardLost);
        let no_phone = house.person(Circumstance::LicenceExpired);
        let unknown = house.person(Circumstance::Sought);
        house.join(&known, PHONE, CARD).await;
        house.join(&other_kind, "+48601234567", DocumentKind::DrivingLicence).await;
        // Took the number over: the one before has no phone any more, though the document is still activated.
        house.join(&no_phone, "+48661234567", CARD).await;
        let taker = house.person(Circumstance::StudentCardRevoked);
        house.confirm_phone(&taker, "+48661234567").await;

        let first = house.open_verification(by_pesel(&known), CARD).await.unwrap();
        let kinds_before = house.journal_kinds().await.len();
        let others = [
            by_pesel(&unknown),
            by_pesel(&other_kind),
            by_pesel(&no_phone),
            // Asked too often on one day.
            by_pesel(&known),
            Criterion::Phone("+48791234567".to_owned()),
        ];
        let count = others.len();
        for criterion in others {
            let opened = house.open_verification(criterion, CARD).await.unwrap();
            assert_eq!(alike(&opened), alike(&first));
            assert_eq!(house.dispatch.sent().pop().unwrap().phone, "", "nothing is sent");
            assert!(house.dispatch.sent().pop().unwrap().conceal);
            let id = opened.verification.unwrap().id;
            for _ in 0..4 {
                assert_eq!(code(&house.confirm_code(&id, CODE).await.unwrap_err()), "identity.code_wrong");
            }
            assert_eq!(code(&house.confirm_code(&id, CODE).await.unwrap_err()), "identity.no_attempt_left");
            assert_eq!(code(&house.show(&id).await.unwrap_err()), "identity.verification_over");
        }
        // The same entries for everybody.
        let kinds = house.journal_kinds().await;
        let each = ["verification.opened", "verification.challenged", "verification.code_wrong", "verification.code_wrong",
            "verification.code_wrong", "verification.code_wrong", "verification.locked"];
        assert_eq!(kinds[kinds_before..], each.repeat(count));
        assert!(house.srp.asked().is_empty());
        // Whoever is known reads of the attempts all the same.
        assert_eq!(house.accesses(&other_kind).await.len(), 1);
        assert_eq!(house.accesses(&known).await.len(), 2);
        house.close().await;
    }

    async fn what_cannot_be_journalled_is_neither_asked_nor_shown(database: TestDatabase) {
        let house = House::office(database).await;
        let person = house.person(Circumstance::HasEverything);
        house.join(&person, PHONE, CARD).await;
        let id = house.approved(&person, CARD).await;
        house.execute("ALTER TABLE journal_payload RENAME TO journal_payload_gone").await;
        assert!(house.show(&id).await.is_err());
        assert!(house.open_verification(by_pesel(&person), CARD).await.is_err());
        assert!(house.srp.asked().is_empty(), "no register is asked without an entry");
        assert_eq!(house.texts("SELECT stage FROM verification").await, ["approved"]);
        house.execute("ALTER TABLE journal_payload_gone RENAME TO journal_payload").await;
        assert_eq!(house.show(&id).await.unwrap().outcome(), DisclosureOutcome::Found);
        house.close().await;
    }

    async fn a_register_that_gives_nothing_gives_the_approval_back(database: TestDatabase) {
        let house = House::office_with(database, |config| {
            for register in &mut config.registers {
                register.channel.timeout_ms = 800;
            }
        }).await;
        let person = house.person(Circumstance::HasEverything);
        house.join(&person, PHONE, CARD).await;
        let id = house.approved(&person, CARD).await;
        for (fault, outcome) in [
            (Fault::Down, DisclosureOutcome::RegisterUnavailable),
            (Fault::Broken, DisclosureOutcome::RegisterUnavailable),
            (Fault::Slow(Duration::from_secs(30)), DisclosureOutcome::RegisterUnavailable),
            (Fault::Confused, DisclosureOutcome::RegisterUnavailable),
            (Fault::Refusing, DisclosureOutcome::RegisterRefused),
        ] {
            house.srp.script(Some(fault));
            let answered = house.show(&id).await.unwrap();
            assert_eq!((answered.outcome(), answered.documents.len()), (outcome, 0), "{fault:?}");
            assert_eq!(answered.verification.as_ref().unwrap().stage, "approved");
            assert_eq!(answered.retry_after_ms, if fault == Fault::Down { 30_000 } else { 0 });
        }
        house.srp.script(Some(Fault::Stale(Duration::from_secs(86_400))));
        let stale = house.show(&id).await.unwrap();
        assert_eq!((stale.outcome(), stale.stale), (DisclosureOutcome::Found, true));
        assert_eq!(stale.as_of_ms, house.clock.now().millis() - 86_400_000);
        let kinds = house.journal_kinds().await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "verification.register_failed").count(), 5);
        assert_eq!(kinds.iter().filter(|kind| *kind == "verification.disclosure").count(), 6);
        house.close().await;
    }

    async fn somebody_without_the_document_is_told_from_a_register_that_is_down(database: TestDatabase) {
        let house = House::office(database).await;
        let person = house.person(Circumstance::HasNothing);
        house.join(&person, PHONE, CARD).await;
        let id = house.approved(&person, CARD).await;
        let shown = house.show(&id).await.unwrap();
        assert_eq!((shown.outcome(), shown.documents.len()), (DisclosureOutcome::NoSuchDocument, 0));
        assert_eq!(shown.verification.unwrap().stage, "shown");
        house.close().await;
    }

    async fn a_verification_is_its_officials_alone(database: TestDatabase) {
        let house = House::office(database).await;
        let person = house.person(Circumstance::HasEverything);
        house.join(&person, PHONE, CARD).await;
        let id = house.approved(&person, CARD).await;
        for (context, institution) in [
            (CallContext { officer: "um-0002".to_owned(), ..official() }, OFFICE),
            (CallContext { purpose: "identity_check".to_owned(), ..official() }, OFFICE),
            (CallContext { case_number: "OR.2".to_owned(), ..official() }, OFFICE),
            (official(), "um-inne"),
        ] {
            let refused = house.show_to(context, institution, &id).await.unwrap_err();
            assert_eq!(code(&refused), "identity.verification_unknown");
        }
        assert!(house.srp.asked().is_empty());
        assert_eq!(house.show(&id).await.unwrap().outcome(), DisclosureOutcome::Found);
        house.close().await;
    }

    async fn of_many_who_show_at_once_one_does(database: TestDatabase) {
        let house = House::office(database).await;
        let person = house.person(Circumstance::HasEverything);
        house.join(&person, PHONE, CARD).await;
        let id = house.approved(&person, CARD).await;
        let answers = futures::future::join_all((0..8).map(|_| house.show(&id))).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        assert_eq!(house.srp.asked().len(), 1);
        house.close().await;
    }

    async fn a_citizen_who_withdraws_meanwhile_is_not_shown(database: TestDatabase) {
        let house = House::office(database).await;
        let person = house.person(Circumstance::HasEverything);
        house.join(&person, PHONE, CARD).await;
        let approved = house.approved(&person, CARD).await;
        let asked = house.open_verification(by_pesel(&person), CARD).await.unwrap().verification.unwrap().id;
        house.withdraw_all(&person).await;
        assert_eq!(code(&house.show(&approved).await.unwrap_err()), "identity.verification_over");
        assert_eq!(code(&house.confirm_code(&asked, CODE).await.unwrap_err()), "identity.verification_over");
        assert!(house.srp.asked().is_empty());
        let stages: Vec<_> = house.accesses(&person).await.into_iter().map(|access| (access.stage, access.qualifier)).collect();
        assert_eq!(stages, vec![("refused".to_owned(), "withdrawal".to_owned()); 2]);
        house.close().await;
    }

    async fn the_time_of_a_verification_ends_it(database: TestDatabase) {
        let house = House::office(database).await;
        let person = house.person(Circumstance::HasEverything);
        house.join(&person, PHONE, CARD).await;
        let approved = house.approved(&person, CARD).await;
        let asked = house.open_verification(by_pesel(&person), CARD).await.unwrap().verification.unwrap().id;
        let given_up = house.open_verification(by_pesel(&person), CARD).await.unwrap().verification.unwrap().id;
        let cancel = CancelVerificationRequest {
            context: Some(official()),
            institution_id: OFFICE.to_owned(),
            verification_id: given_up.clone(),
        };
        let cancelled = house.verifications().cancel_verification(cancel).await.unwrap().into_inner().verification.unwrap();
        assert_eq!((cancelled.stage.as_str(), cancelled.qualifier.as_str()), ("refused", "official"));
        assert_eq!(house.dispatch.cancelled(), [given_up]);

        house.clock.advance(Duration::from_secs(300));
        assert_eq!(code(&house.show(&approved).await.unwrap_err()), "identity.verification_over");
        assert_eq!(code(&house.confirm_code(&asked, CODE).await.unwrap_err()), "identity.verification_over");
        house.clock.advance(Duration::from_secs(60));
        let ended = async {
            while house.count("SELECT count(*) FROM verification WHERE stage = 'expired'").await < 2 {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(15), ended).await.unwrap();
        assert!(house.srp.asked().is_empty());
        house.close().await;
    }

    async fn an_official_past_the_days_limit_is_locked_until_another_unlocks(database: TestDatabase) {
        let house = House::office_with(database, |config| config.verification.official_daily = 2).await;
        let person = house.person(Circumstance::HasEverything);
        house.join(&person, PHONE, CARD).await;
        let approved = house.approved(&person, CARD).await;
        let begun = house.open_verification(by_pesel(&person), CARD).await.unwrap().verification.unwrap().id;
        for _ in 0..2 {
            let locked = house.open_verification(by_pesel(&person), CARD).await.unwrap_err();
            assert_eq!(code(&locked), "identity.official_locked");
        }
        // What was begun before does not go on.
        assert_eq!(code(&house.confirm_code(&begun, CODE).await.unwrap_err()), "identity.official_locked");
        assert_eq!(code(&house.show(&approved).await.unwrap_err()), "identity.official_locked");
        assert!(house.srp.asked().is_empty());
        house.clock.advance(Duration::from_secs(86_400));
        let next_day = house.open_verification(by_pesel(&person), CARD).await.unwrap_err();
        assert_eq!(code(&next_day), "identity.official_locked");

        assert_eq!(code(&house.unlock("um-0001", "um-0001", "mine").await.unwrap_err()), "identity.own_lock");
        assert_eq!(members(&house.unlock("um-admin", "um-0001", " ").await.unwrap_err()), ["/reason"]);
        assert_eq!(code(&house.unlock("um-admin", "um-0009", "who").await.unwrap_err()), "identity.official_not_locked");
        house.unlock("um-admin", "um-0001", "akcja wydawania dokumentów").await.unwrap();
        house.open_verification(by_pesel(&person), CARD).await.unwrap();
        let kinds = house.journal_kinds().await;
        for kind in ["official.locked", "official.unlocked"] {
            assert_eq!(kinds.iter().filter(|written| *written == kind).count(), 1, "{kind}");
        }
        house.close().await;
    }

    async fn a_citizen_who_cannot_be_asked_is_not_asked_for(database: TestDatabase) {
        let house = House::office(database).await;
        let person = house.person(Circumstance::HasEverything);
        assert_eq!(code(&house.activate(&person, CARD).await.unwrap_err()), "identity.phone_missing");
        house.join(&person, PHONE, CARD).await;
        assert_eq!(code(&house.activate(&person, DocumentKind::WantedPerson).await.unwrap_err()), "identity.kind_not_served");
        house.dispatch.go_down(true);
        let down = house.open_verification(by_pesel(&person), CARD).await.unwrap_err();
        assert_eq!(code(&down), "identity.challenge_unavailable");
        house.close().await;
    }

    async fn an_opening_that_lacks_something_names_the_member_and_writes_nothing(database: TestDatabase) {
        type Spoil = fn(&mut OpenVerificationRequest);
        let house = House::office(database).await;
        let person = house.person(Circumstance::HasEverything);
        let table: [(Spoil, &str); 9] = [
            (|request| request.context.as_mut().unwrap().officer.clear(), "/context/officer"),
            (|request| request.context.as_mut().unwrap().purpose.clear(), "/context/purpose"),
            (|request| request.context.as_mut().unwrap().purpose = "curiosity".into(), "/context/purpose"),
            (|request| request.context.as_mut().unwrap().case_number.clear(), "/context/case_number"),
            (|request| request.institution_id.clear(), "/institution_id"),
            (|request| request.criterion = None, "/pesel"),
            (|request| request.criterion = Some(Criterion::Pesel("44051401359".into())), "/pesel"),
            (|request| request.criterion = Some(Criterion::Phone("12".into())), "/phone"),
            (|request| request.kind = 0, "/kind"),
        ];
        for (spoil, member) in table {
            let mut request = opening(by_pesel(&person), CARD);
            spoil(&mut request);
            let refused = house.verifications().open_verification(request).await.unwrap_err();
            assert_eq!((code(&refused).as_str(), members(&refused)), ("identity.invalid_request", vec![member.to_owned()]));
        }
        let not_here = house.open_verification(by_pesel(&person), DocumentKind::LoyaltyCard).await.unwrap_err();
        assert_eq!(code(&not_here), "identity.kind_not_served");
        assert_eq!(house.count("SELECT count(*) FROM verification").await, 0);
        assert_eq!(house.journal_kinds().await, Vec::<String>::new());
        house.close().await;
    }
}
