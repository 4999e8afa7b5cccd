//! How much of what partners send is taken in, and how long it is kept.

use std::collections::BTreeSet;

use exchange::{
    code::{GeneralMessageCode, GetCaCertificatesCode, RequestCertificateCode as Code},
    message::{GeneralMessage, GetCaCertificates, Message},
};
use sea_orm::ActiveValue::{Set, Unchanged};
use straznica_exchange_wire::{Application as _, Binding, Caller};
use straznica_store::on_both_engines;

use super::inbound::{ask, ready};
use crate::{
    Migrations,
    app::exchange::{messages, outbox, retention},
    domain::exchange::outbox::State,
    error::SpocError,
    links::Door,
    store::{
        entity::outbox::ActiveModel,
        exchange::{messages::Narrowing, outbox as letters},
    },
    testing::{DAY, FIRST, House, desk, key},
};

fn general(message_id: &str) -> GeneralMessage {
    GeneralMessage {
        caller_id: "DE".to_owned(),
        message_id: message_id.to_owned(),
        subject: "Test".to_owned(),
        body: "Please answer.".to_owned(),
    }
}

on_both_engines! { Migrations;
    async fn more_than_is_taken_in_an_hour_is_asked_to_come_again_and_kept_nowhere(database: TestDatabase) {
        let mut house = House::new(database);
        let policy = house.config.keystore.directory.with_file_name("policy.toml");
        let text = include_str!("../../../../policy/tr-03139.toml");
        let narrow = "\n[partner.DE.intake]\nmessages_per_hour = 4\ngeneral_messages_per_hour = 2\n";
        std::fs::write(&policy, format!("{text}{narrow}")).unwrap();
        house.config.policy_file = Some(policy);
        let (app, ..) = ready(&house).await;
        let door = Door::new(app);
        let caller = Caller { country: "DE".parse().unwrap(), binding: Binding::Grpc, presented: Vec::new() };
        let write = async |id: &str| door.general_message(&caller, general(id)).await;
        let get = async |id: &str| {
            let message = GetCaCertificates { caller_id: "DE".to_owned(), message_id: id.to_owned() };
            door.get_ca_certificates(&caller, message).await.result
        };
        assert_eq!([write("1").await, write("2").await], [GeneralMessageCode::Ok; 2]);
        assert_eq!(write("3").await, GeneralMessageCode::FailureInternalError, "a third one in an hour");
        assert_eq!([get("4").await, get("5").await], [GetCaCertificatesCode::OkCertAvailable, GetCaCertificatesCode::FailureInternalError]);
        assert_eq!([get("6").await, get("7").await], [GetCaCertificatesCode::FailureInternalError; 2]);
        assert_eq!(house.answers().await.len(), 3);
        let told = house.journal().await.into_iter().filter(|kind| kind == "exchange.quota_exceeded").count();
        assert_eq!(told, 2, "once for each limit");
        // The same messages an hour later.
        house.clock.advance(DAY / 24);
        assert_eq!((write("3").await, get("5").await), (GeneralMessageCode::Ok, GetCaCertificatesCode::OkCertAvailable));
    }

    async fn of_a_refused_request_no_bytes_are_kept(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        let mut request = germany.fresh(&car);
        *request.last_mut().unwrap() ^= 1;
        assert_eq!(ask(&app, "m-1", &request).await.result, Code::FailureOuterSignature);
        assert_eq!(ask(&app, "m-2", &germany.fresh(&car)).await.result, Code::OkCertAvailable);
        let kept: Vec<_> = house.applications().await.iter().map(|row| row.request.is_empty()).collect();
        assert_eq!(kept, [true, false]);
    }

    async fn what_was_kept_long_enough_is_deleted_and_the_journal_and_what_was_used_stay(database: TestDatabase) {
        let house = House::new(database);
        let (app, germany, car) = ready(&house).await;
        let (own, chr) = (key(), germany.reference());
        assert_eq!(ask(&app, "m-1", &germany.initial(&own, &car, chr)).await.result, Code::OkCertAvailable);
        assert_eq!(ask(&app, "m-2", &germany.initial(&own, &car, germany.reference())).await.result, Code::FailureRequestNotAccepted);
        for id in ["g-1", "g-2"] {
            assert_eq!(messages::general_message(&app, germany.country, general(id)).await, GeneralMessageCode::Ok);
        }
        let inbox = async || messages::list(&app, Narrowing { limit: 10, ..Narrowing::default() }).await.unwrap().0;
        messages::acknowledge(&app, &desk(FIRST), inbox().await[0].id).await.unwrap();
        let counts = async || (house.answers().await.len(), house.applications().await.len(), inbox().await.len(), house.issued().await.len());
        let journal = house.journal().await;

        house.clock.advance(DAY * 720);
        retention::run(&app).await.unwrap();
        assert_eq!(counts().await, (4, 2, 2, 1), "two years less some days");
        house.clock.advance(DAY * 20);
        retention::run(&app).await.unwrap();
        assert_eq!(counts().await, (0, 1, 1, 1), "what nobody has read stays, and what was issued");
        // Thirty days of validity, ten years of the documents, and six months.
        house.clock.advance(DAY * (3_830 - 740));
        retention::run(&app).await.unwrap();
        assert_eq!(counts().await.3, 1);
        house.clock.advance(DAY * 60);
        retention::run(&app).await.unwrap();
        assert_eq!(counts().await, (0, 1, 1, 0));
        let row = house.applications().await.remove(0);
        assert_eq!((row.chr, row.state.as_str(), row.request.len()), (chr.to_string(), "issued", 0));
        assert_eq!(house.journal().await, journal);
    }
    async fn our_own_messages_that_came_to_an_end_are_deleted_in_their_time_and_those_still_expected_are_not(database: TestDatabase) {
        let house = House::new(database);
        let app = house.app().await;
        let message = |number: usize| Message::GeneralMessage(general(&format!("g-{number}")));
        for (number, state) in State::ALL.into_iter().enumerate() {
            let written = app.store.write_tx(async |tx| {
                let id = outbox::enqueue(&app, tx, "DE".parse().unwrap(), &message(number), state.as_str()).await?;
                letters::update(tx, ActiveModel { id: Unchanged(id), state: Set(state.as_str().to_owned()), ..Default::default() }).await?;
                Ok::<_, SpocError>(())
            });
            written.await.unwrap();
        }
        let left = async || house.outbox().await.into_iter().map(|letter| letter.state).collect::<BTreeSet<_>>();

        house.clock.advance(DAY * 720);
        retention::run(&app).await.unwrap();
        assert_eq!(left().await.len(), State::ALL.len(), "two years less some days");
        house.clock.advance(DAY * 20);
        retention::run(&app).await.unwrap();
        assert_eq!(left().await, BTreeSet::from(["pending".to_owned(), "acknowledged".to_owned()]));
    }
}
