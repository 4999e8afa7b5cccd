//! Alerts on whoever shows a document: asked when DG1 is there, told with the reading, kept nowhere.

use std::time::Instant;

use straznica_contracts::identity::v1::{
    BorderAlerts, BorderAlertsResult, BorderAlertsStep, BorderAlertsUnchecked, Evidence, GetInspectionRequest, Verdict,
};
use straznica_contracts::registry::v1::{AlertResult, AlertStanding, AlertUnavailability};
use straznica_identity::Migrations;
use straznica_store::on_both_engines;
use straznica_types::Clock as _;
use tonic::Code;

use crate::documents::{TERMINAL, Utopia, adding, at, chip_authentication, data_groups, opening, terminal_only};
use crate::house::{House, code};
use crate::registry::{CHECK, answer, finding, unavailable};

fn told(alerts: &BorderAlerts) -> (BorderAlertsResult, BorderAlertsUnchecked, BorderAlertsStep) {
    (alerts.result(), alerts.unchecked(), alerts.step())
}

on_both_engines! {
    Migrations;

    async fn holder_and_document_are_asked_about_as_soon_as_dg1_is_there(database: TestDatabase) {
        use {BorderAlertsResult as Result, BorderAlertsStep as Step, BorderAlertsUnchecked as Unchecked};
        let house = House::open(database).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let passport = utopia.passport();

        let opened = house.create(opening(&passport, &[14], house.clock.now())).await.unwrap();
        let not_yet = opened.alerts.unwrap();
        assert_eq!(told(&not_yet), (Result::NotChecked, Unchecked::HolderNotRead, Step::ReadHolder));
        assert_eq!((not_yet.checked_at_ms, house.registry.asked().len()), (None, 0));

        let read = house.add(adding(&opened.id, data_groups(&passport, &[1]))).await.unwrap().alerts.unwrap();
        assert_eq!(told(&read), (Result::NoHit, Unchecked::Unspecified, Step::GoOn));
        assert_eq!((read.check_id.as_str(), read.checked_at_ms), (CHECK, Some(house.clock.now().millis())));
        let [question] = &house.registry.asked()[..] else { panic!("asked once") };
        // The call that brought DG1 named no officer: it is the inspection's.
        assert_eq!(question.context, Some(straznica_contracts::common::v1::CallContext { request_id: String::new(), ..at(TERMINAL) }));
        let (holder, document) = (question.holder.as_ref().unwrap(), question.document.as_ref().unwrap());
        assert!(passport.mrz.contains(&holder.latin_surname.replace(' ', "<")) && passport.mrz.contains(&document.number));
        assert_eq!((document.kind.as_str(), document.issuing_state.as_str()), ("passport", "UTO"));
        assert_eq!(holder.birth_date.len(), 10);

        // What says nothing of the holder asks nothing.
        let more = house.add(adding(&opened.id, data_groups(&passport, &[2]))).await.unwrap().alerts.unwrap();
        assert_eq!((told(&more), house.registry.asked().len()), (told(&read), 1));
        let reading = GetInspectionRequest { context: Some(terminal_only(TERMINAL)), inspection_id: opened.id };
        let shown = house.identity.clone().get_inspection(reading).await.unwrap().into_inner().inspection.unwrap();
        assert_eq!(shown.alerts.unwrap(), read);
        house.close().await;
    }

    async fn each_answer_leads_somewhere_and_none_touches_the_verdict(database: TestDatabase) {
        use {BorderAlertsResult as Result, BorderAlertsStep as Step, BorderAlertsUnchecked as Unchecked};
        let house = House::open(database).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let passport = utopia.passport();
        let open = || {
            let mut request = opening(&passport, &[1, 2, 14], house.clock.now());
            request.evidence.as_mut().unwrap().chip_authentication = Some(chip_authentication(&passport));
            request
        };
        let exact = |action, discreet| finding(action, discreet, AlertStanding::Exact);
        let none = Unchecked::Unspecified;
        for (says, expected) in [
            (answer(AlertResult::NoHit, vec![]), (Result::NoHit, none, Step::GoOn)),
            (answer(AlertResult::Hit, vec![exact("refuse_entry", false)]), (Result::Hit, none, Step::SecondLine)),
            (answer(AlertResult::Hit, vec![exact("gather_discreetly", true)]), (Result::Hit, none, Step::Discreetly)),
            (
                answer(AlertResult::Possible, vec![finding("arrest", false, AlertStanding::Possible)]),
                (Result::Possible, none, Step::SecondLine),
            ),
            (unavailable(AlertUnavailability::SourceDown), (Result::NotChecked, Unchecked::SourceDown, Step::SecondLine)),
            (unavailable(AlertUnavailability::Stale), (Result::NotChecked, Unchecked::Stale, Step::SecondLine)),
            (
                unavailable(AlertUnavailability::NotConfigured),
                (Result::NotChecked, Unchecked::NotConfigured, Step::CheckElsewhere),
            ),
            // Half a "no hit" is none.
            (answer(AlertResult::NoHit, vec![exact("arrest", false)]), (Result::NotChecked, Unchecked::Malformed, Step::SecondLine)),
        ] {
            house.registry.says(says.clone());
            let opened = house.create(open()).await.unwrap();
            assert_eq!(opened.verdict(), Verdict::Genuine);
            let alerts = opened.alerts.unwrap();
            assert_eq!(told(&alerts), expected);
            let actions = |alerts: &BorderAlerts| alerts.found.iter().map(|one| one.action.clone()).collect::<Vec<_>>();
            assert_eq!(actions(&alerts), says.findings.iter().map(|one| one.action.clone()).collect::<Vec<_>>());
            assert!(alerts.found.iter().all(|one| one.instruction.as_ref().is_some_and(|text| text.en == "What to do")));
            // What was found is told once.
            let reading = GetInspectionRequest { context: Some(terminal_only(TERMINAL)), inspection_id: opened.id };
            let shown = house.identity.clone().get_inspection(reading).await.unwrap().into_inner().inspection.unwrap();
            assert_eq!(shown.alerts.unwrap(), BorderAlerts { found: vec![], ..alerts });
        }
        for (refusal, why) in [
            (Code::InvalidArgument, Unchecked::Refused),
            (Code::Unavailable, Unchecked::Unreachable),
            (Code::Internal, Unchecked::Unreachable),
        ] {
            house.registry.refuses(refusal);
            let alerts = house.create(open()).await.unwrap().alerts.unwrap();
            assert_eq!(told(&alerts), (Result::NotChecked, why, Step::SecondLine));
            assert_eq!(alerts.check_id, "");
        }
        let details = house.texts("SELECT detail FROM journal_payload WHERE detail IS NOT NULL").await.join("\n");
        assert!(details.contains(CHECK) && !details.contains("gather_discreetly"), "{details}");
        house.close().await;
    }

    async fn who_was_not_checked_can_be_and_who_was_found_stays_found(database: TestDatabase) {
        use {BorderAlertsResult as Result, BorderAlertsStep as Step, BorderAlertsUnchecked as Unchecked};
        let house = House::open(database).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let passport = utopia.passport();
        house.registry.says(unavailable(AlertUnavailability::SourceDown));
        let id = house.create(opening(&passport, &[1], house.clock.now())).await.unwrap().id;
        let again = async || house.add(adding(&id, data_groups(&passport, &[1]))).await.unwrap().alerts.unwrap();
        house.registry.says(answer(AlertResult::NoHit, vec![]));
        assert_eq!(told(&again().await), (Result::NoHit, Unchecked::Unspecified, Step::GoOn));
        house.registry.says(answer(AlertResult::Hit, vec![finding("arrest", false, AlertStanding::Exact)]));
        assert_eq!(told(&again().await), (Result::Hit, Unchecked::Unspecified, Step::SecondLine));
        for later in [answer(AlertResult::NoHit, vec![]), unavailable(AlertUnavailability::TimedOut)] {
            house.registry.says(later);
            assert_eq!(told(&again().await), (Result::Hit, Unchecked::Unspecified, Step::SecondLine));
        }
        // A chip that never gives DG1 leaves its holder unchecked.
        let unreadable = Evidence { data_groups: [(1, vec![0x61, 0])].into(), ..Evidence::default() };
        let mut other = opening(&passport, &[14], house.clock.now());
        other.evidence = Some(unreadable);
        let alerts = house.create(other).await.unwrap().alerts.unwrap();
        assert_eq!(told(&alerts), (Result::NotChecked, Unchecked::HolderUnreadable, Step::SecondLine));
        house.close().await;
    }

    async fn a_registry_that_does_not_answer_holds_nobody_up_for_longer_than_configured(database: TestDatabase) {
        let house = House::open_with(database, |config| config.alerts.patience_ms = 300).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let passport = utopia.passport();
        house.registry.falls_silent();
        let begun = Instant::now();
        let opened = house.create(opening(&passport, &[1, 2], house.clock.now())).await.unwrap();
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
        let alerts = opened.alerts.unwrap();
        assert_eq!(
            told(&alerts),
            (BorderAlertsResult::NotChecked, BorderAlertsUnchecked::TimedOut, BorderAlertsStep::SecondLine)
        );
        // Whom nobody may be told about is not asked about either.
        let mut nobody = opening(&passport, &[1], house.clock.now());
        nobody.context.as_mut().unwrap().officer.clear();
        assert_eq!(code(&house.create(nobody).await.unwrap_err()), "identity.invalid_request");
        assert_eq!(house.registry.asked().len(), 1);
        house.close().await;
    }

    async fn a_node_that_asks_nobody_says_so(database: TestDatabase) {
        let house = House::open_with(database, |config| config.alerts.registry = None).await;
        let utopia = Utopia::new();
        house.spoc.publish(utopia.trusted(1));
        let opened = house.create(opening(&utopia.passport(), &[1], house.clock.now())).await.unwrap();
        assert_eq!(
            told(&opened.alerts.unwrap()),
            (BorderAlertsResult::NotChecked, BorderAlertsUnchecked::NotConfigured, BorderAlertsStep::CheckElsewhere)
        );
        house.close().await;
    }
}
