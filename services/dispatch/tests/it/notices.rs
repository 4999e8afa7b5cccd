//! Words, recipients, previews and reports of bulk notices.

use sea_orm::{ConnectionTrait as _, Statement};
use straznica_contracts::dispatch::events::v1::{NoticeEnded, NoticeStarted};
use straznica_contracts::dispatch::v1::notice_service_client::NoticeServiceClient;
use straznica_contracts::dispatch::v1::{
    ListNoticesRequest, ListTemplatesRequest, NoticeRecipient, NoticeState, ProposeTemplateRequest, TemplatePlace,
};
use straznica_dispatch::Migrations;
use straznica_store::on_both_engines;
use straznica_store::testing::TestDatabase;
use tonic::Status;

use crate::house::{House, refusal};
use crate::notice_desk::{ANNA, Desk, INSTITUTION, JAN, phone, recipient, reference, texts};

/// The members a refusal names.
fn pointers<T: std::fmt::Debug>(outcome: Result<T, Status>) -> Vec<String> {
    let detail = straznica_error::detail_of(&outcome.unwrap_err()).unwrap();
    assert_eq!(detail.code, "dispatch.invalid_request");
    detail.errors.into_iter().map(|error| error.pointer).collect()
}

impl House {
    /// The events of one kind.
    async fn events<T: prost::Message + prost::Name + Default>(&self) -> Vec<T> {
        let reader = self.database.store().reader();
        let sql = format!("SELECT payload FROM event WHERE type_name LIKE '%.{}'", T::NAME);
        let rows = reader.query_all_raw(Statement::from_string(reader.get_database_backend(), sql)).await.unwrap();
        rows.iter().map(|row| T::decode(row.try_get_by_index::<Vec<u8>>(0).unwrap().as_slice()).unwrap()).collect()
    }
}

async fn open(database: TestDatabase) -> (House, Desk) {
    let house = House::open(database, |config| config.notices.look_ms = 20).await;
    let anna = house.desk(ANNA);
    (house, anna)
}

on_both_engines! {
    Migrations;

    async fn everybody_who_wishes_reads_it_in_their_language_and_the_numbers_are_forgotten(database: TestDatabase) {
        let (house, anna) = open(database).await;
        let id = anna.prepared(&house, 4).await;
        // Two without an opt-in: one never said anything, one has changed their mind. One whose language has no text.
        let arabic = NoticeRecipient { language: "ar".to_owned(), ..recipient(6) };
        anna.add(&id, vec![recipient(4), recipient(5), arabic]).await.unwrap();
        anna.choose(&phone(5), true).await;
        anna.choose(&phone(5), false).await;
        anna.choose(&phone(6), true).await;
        let preview = anna.preview(&id).await;
        let languages: Vec<_> = preview
            .languages
            .iter()
            .map(|one| (one.language.as_str(), one.recipients, one.in_ucs2, one.parts, one.cost_grosz))
            .collect();
        assert_eq!(languages, [("pl", 3, 0, 3, 21), ("uk", 2, 2, 2, 14)]);
        assert_eq!(preview.no_opt_in, 2);
        assert_eq!(house.operator.asked(), 0, "a preview sends nothing");
        assert_eq!(anna.counts(&id).await, [("created".to_owned(), 7)]);

        anna.begin(&id).await;
        anna.becomes(&id, NoticeState::Finished).await;
        let mut received: Vec<_> = house.operator.received().into_iter().map(|one| (one.to, one.text)).collect();
        received.sort();
        let expected: Vec<_> = [(0, "Wyplata"), (1, "Виплата"), (2, "Wyplata"), (3, "Виплата"), (6, "Wyplata")]
            .map(|(number, word)| (phone(number), format!("{word} 1.12.")))
            .into();
        assert_eq!(received, expected);
        assert_eq!(anna.counts(&id).await, [("accepted".to_owned(), 5), ("no_opt_in".to_owned(), 2)]);
        let (report, _) = anna.report(&id, 0, "").await.unwrap();
        let told: Vec<_> = report
            .iter()
            .map(|one| (one.reference.clone(), one.state.as_str(), one.language.as_str(), one.in_ucs2, one.parts, one.cost_grosz))
            .collect();
        let row = |number, state, language| (reference(number), state, language, language == "uk", 1, 7);
        assert_eq!(told, [
            row(0, "accepted", "pl"),
            row(1, "accepted", "uk"),
            row(2, "accepted", "pl"),
            row(3, "accepted", "uk"),
            row(4, "no_opt_in", "pl"),
            row(5, "no_opt_in", "uk"),
            row(6, "accepted", "pl"),
        ]);
        assert_eq!(house.texts("SELECT reference FROM notice_recipient WHERE sealed IS NOT NULL").await, [""; 0]);

        for (kind, times) in [
            ("notice_template.proposed", 1),
            ("notice_template.approved", 1),
            ("notice_choice.recorded", 7),
            ("notice.created", 1),
            ("notice.recipients_added", 2),
            ("notice.proposed", 1),
            ("notice.started", 1),
            ("notice.finished", 1),
        ] {
            assert_eq!(house.journalled(kind).await, times, "{kind}");
        }
        let started: Vec<NoticeStarted> = house.events().await;
        assert_eq!((started.len(), started[0].recipients, started[0].version), (1, 7, 1));
        let ended: Vec<NoticeEnded> = house.events().await;
        let [ended] = ended.as_slice() else { panic!("{ended:?}") };
        assert_eq!((ended.notice_id.as_str(), ended.outcome.as_str()), (id.as_str(), "finished"));
        assert_eq!((ended.recipients["accepted"], ended.recipients["no_opt_in"]), (5, 2));
        assert_eq!((ended.parts, ended.cost_grosz), (5, 35));
        house.close().await;
    }

    async fn words_are_approved_by_another_officer_and_a_change_is_a_new_version(database: TestDatabase) {
        let (house, anna) = open(database).await;
        let jan = anna.with(JAN);
        let words = |desk: &Desk, text| desk.words(&[("pl", text)]);
        let first = jan.propose_words(words(&jan, "Wyplata {date}.")).await.unwrap();
        assert_eq!(refusal(anna.create(&house.id(), first).await), "dispatch.template_unknown");
        assert_eq!(refusal(jan.approve_words(first).await), "dispatch.own_proposal");
        assert_eq!(refusal(anna.approve_words(9).await), "dispatch.template_unknown");
        anna.approve_words(first).await.unwrap();
        anna.approve_words(first).await.unwrap();
        assert_eq!(house.journalled("notice_template.approved").await, 1);
        let second = anna.propose_words(words(&anna, "Uwaga: wyplata {date}.")).await.unwrap();
        assert_eq!((first, second), (1, 2));
        let other = ProposeTemplateRequest { template: "aid-kit".to_owned(), ..words(&anna, "Wyprawka {date}.") };
        assert_eq!(anna.propose_words(other).await.unwrap(), 1);

        let list = async |template: &str, page_size, page_token: &str| {
            let request = ListTemplatesRequest {
                context: anna.context(),
                institution: INSTITUTION.to_owned(),
                template: template.to_owned(),
                page_size,
                page_token: page_token.to_owned(),
            };
            anna.client.clone().list_templates(request).await.map(tonic::Response::into_inner)
        };
        let told = |versions: &[straznica_contracts::dispatch::v1::TemplateVersion]| -> Vec<String> {
            let row = |one: &straznica_contracts::dispatch::v1::TemplateVersion| {
                format!("{} {} {} {}", one.template, one.version, one.proposed_by, one.approved_by)
            };
            versions.iter().map(row).collect()
        };
        let page = list("", 2, "").await.unwrap();
        assert_eq!(told(&page.versions), ["aid-kit 1 a.nowak ", "payment-day 2 a.nowak "]);
        let page = list("", 2, &page.next_page_token).await.unwrap();
        assert_eq!(told(&page.versions), ["payment-day 1 j.kowalski a.nowak"]);
        assert_eq!(page.next_page_token, "");
        assert_eq!(page.versions[0].texts, texts(&[("pl", "Wyplata {date}.")]));
        assert_eq!(list("aid-kit", 0, "").await.unwrap().versions.len(), 1);
        assert_eq!(pointers(list("", 0, "no token").await), ["/page_token"]);
        house.close().await;
    }

    async fn words_that_would_fail_for_somebody_are_refused_with_the_language_they_fail_in(database: TestDatabase) {
        let (house, anna) = open(database).await;
        let words = |texts: &[(&str, &str)]| anna.words(texts);
        for (request, pointer) in [
            (words(&[("pl", "Wyplata {date}."), ("uk", "Виплата.")]), "/texts/uk"),
            (words(&[("pl", "Wyplata {date} {amount}.")]), "/texts/pl"),
            (words(&[("pl", "Wyplata {date")]), "/texts/pl"),
            (words(&[("pl", "")]), "/texts/pl"),
            (words(&[]), "/texts"),
            (words(&[("uk", "Виплата {date}.")]), "/fallback"),
            (ProposeTemplateRequest { template: String::new(), ..words(&[("pl", "{date}")]) }, "/template"),
            (ProposeTemplateRequest { institution: String::new(), ..words(&[("pl", "{date}")]) }, "/institution"),
            (ProposeTemplateRequest { places: vec![TemplatePlace { name: "date".to_owned(), longest: 0 }], ..words(&[("pl", "{date}")]) }, "/places"),
        ] {
            assert_eq!(pointers(anna.propose_words(request).await), [pointer]);
        }
        assert_eq!(house.journalled("notice_template.proposed").await, 0);
        house.close().await;
    }

    async fn said_twice_it_is_one_notice_and_one_recipient(database: TestDatabase) {
        let (house, anna) = open(database).await;
        let id = anna.prepared(&house, 2).await;
        anna.create(&id, 1).await.unwrap();
        assert_eq!(anna.add(&id, vec![recipient(0), recipient(1), recipient(2)]).await.unwrap(), 1);
        assert_eq!(anna.add(&id, vec![recipient(0), recipient(1), recipient(2)]).await.unwrap(), 0);
        let other = NoticeRecipient { phone: phone(9), ..recipient(0) };
        assert_eq!(refusal(anna.add(&id, vec![recipient(3), other]).await), "dispatch.recipient_exists");
        let second = anna.approved().await;
        assert_eq!(refusal(anna.create(&id, second).await), "dispatch.notice_exists");
        assert_eq!(refusal(anna.add(&house.id(), vec![recipient(0)]).await), "dispatch.notice_unknown");
        assert_eq!(anna.counts(&id).await, [("created".to_owned(), 3)]);
        assert_eq!((house.journalled("notice.created").await, house.journalled("notice.recipients_added").await), (1, 2));
        house.close().await;
    }

    async fn a_recipient_who_cannot_be_written_to_is_named_and_the_page_is_not_taken(database: TestDatabase) {
        let (house, anna) = open(database).await;
        let id = anna.prepared(&house, 0).await;
        let with = |change: fn(&mut NoticeRecipient)| {
            let mut recipient = recipient(1);
            change(&mut recipient);
            recipient
        };
        for (spoilt, pointer) in [
            (with(|one| one.values.clear()), "/recipients/1/values"),
            (with(|one| drop(one.values.insert("amount".to_owned(), "7".to_owned()))), "/recipients/1/values"),
            (with(|one| drop(one.values.insert("date".to_owned(), "12345678901".to_owned()))), "/recipients/1/values"),
            (with(|one| drop(one.values.insert("date".to_owned(), "1\n2".to_owned()))), "/recipients/1/values"),
            (with(|one| one.phone = "+48700123456".to_owned()), "/recipients/1/phone"),
            (with(|one| one.phone = "12".to_owned()), "/recipients/1/phone"),
            (with(|one| one.language = "no tag".to_owned()), "/recipients/1/language"),
            (with(|one| one.reference = "two words".to_owned()), "/recipients/1/reference"),
            (with(|one| one.reference = reference(0)), "/recipients/1/reference"),
        ] {
            assert_eq!(pointers(anna.add(&id, vec![recipient(0), spoilt]).await), [pointer]);
        }
        assert_eq!(pointers(anna.add(&id, Vec::new()).await), ["/recipients"]);
        assert_eq!(pointers(anna.add(&id, (0..501).map(recipient).collect()).await), ["/recipients"]);
        assert_eq!(anna.counts(&id).await, []);
        house.close().await;
    }

    async fn a_sending_is_begun_by_another_officer_than_the_one_who_proposed_it(database: TestDatabase) {
        let (house, anna) = open(database).await;
        let (jan, id) = (anna.with(JAN), anna.prepared(&house, 1).await);
        assert_eq!(refusal(jan.start(&id).await), "dispatch.notice_state");
        anna.propose(&id).await.unwrap();
        anna.propose(&id).await.unwrap();
        assert_eq!(refusal(anna.start(&id).await), "dispatch.own_proposal");
        // What was proposed is what is sent.
        assert_eq!(refusal(anna.add(&id, vec![recipient(1)]).await), "dispatch.notice_state");
        // An operator is one person, whomever the call names.
        let operator = |name: &str| {
            let issued = house.ca.issue_operator(name).unwrap();
            NoticeServiceClient::new(house.channel_of(&issued))
        };
        let adam = Desk { client: operator("adam"), officer: ANNA, institution: INSTITUTION };
        let empty = house.id();
        adam.create(&empty, 1).await.unwrap();
        assert_eq!(pointers(adam.propose(&empty).await), ["/notice_id"]);
        adam.add(&empty, vec![recipient(0)]).await.unwrap();
        adam.propose(&empty).await.unwrap();
        assert_eq!(refusal(adam.with(JAN).start(&empty).await), "dispatch.own_proposal");
        assert_eq!(adam.look(&empty).await.unwrap().notice.unwrap().proposed_by, "operator/adam");
        Desk { client: operator("ewa"), ..adam }.start(&empty).await.unwrap();
        jan.start(&id).await.unwrap();
        jan.start(&id).await.unwrap();
        for id in [&id, &empty] {
            anna.becomes(id, NoticeState::Finished).await;
        }
        assert_eq!(refusal(anna.propose(&id).await), "dispatch.notice_state");
        assert_eq!(house.journalled("notice.started").await, 2);
        house.close().await;
    }

    async fn what_is_one_institutions_is_not_there_for_another(database: TestDatabase) {
        let (house, anna) = open(database).await;
        let id = anna.prepared(&house, 2).await;
        let stranger = Desk { institution: "um-lodz", ..anna.with(JAN) };
        assert_eq!(refusal(stranger.look(&id).await), "dispatch.notice_unknown");
        assert_eq!(refusal(stranger.add(&id, vec![recipient(3)]).await), "dispatch.notice_unknown");
        assert_eq!(refusal(stranger.propose(&id).await), "dispatch.notice_unknown");
        assert_eq!(refusal(stranger.stop(&id, "no").await), "dispatch.notice_unknown");
        assert_eq!(refusal(stranger.report(&id, 0, "").await), "dispatch.notice_unknown");
        assert_eq!(refusal(stranger.approve_words(1).await), "dispatch.template_unknown");
        assert_eq!(refusal(stranger.create(&id, 1).await), "dispatch.template_unknown");
        // Who wishes to hear of one's things has said nothing about another's.
        let theirs = stranger.prepared(&house, 0).await;
        stranger.add(&theirs, vec![recipient(0)]).await.unwrap();
        assert_eq!(stranger.preview(&theirs).await.no_opt_in, 1);
        assert_eq!(refusal(anna.create(&theirs, 1).await), "dispatch.notice_exists");
        assert_eq!(refusal(Desk { officer: "", ..anna.with(ANNA) }.look(&id).await), "dispatch.invalid_request");
        house.close().await;
    }

    async fn reports_and_lists_come_page_by_page(database: TestDatabase) {
        let (house, anna) = open(database).await;
        let id = anna.prepared(&house, 7).await;
        let (mut seen, mut token) = (Vec::new(), String::new());
        for size in [3, 3, 1] {
            let (rows, next) = anna.report(&id, 3, &token).await.unwrap();
            assert_eq!(rows.len(), size);
            seen.extend(rows.into_iter().map(|row| row.reference));
            token = next;
        }
        assert_eq!(token, "");
        assert_eq!(seen, (0..7).map(reference).collect::<Vec<_>>());
        assert_eq!(pointers(anna.report(&id, 3, "no token").await), ["/page_token"]);
        let mut ids = vec![id];
        for _ in 0..2 {
            house.clock.advance(std::time::Duration::from_secs(1));
            let id = house.id();
            anna.create(&id, 1).await.unwrap();
            ids.insert(0, id);
        }
        let list = async |page_token: &str| {
            let request = ListNoticesRequest {
                context: anna.context(),
                institution: INSTITUTION.to_owned(),
                page_size: 2,
                page_token: page_token.to_owned(),
            };
            let page = anna.client.clone().list_notices(request).await.unwrap().into_inner();
            let ids: Vec<String> = page.notices.into_iter().map(|notice| notice.notice_id).collect();
            (ids, page.next_page_token)
        };
        let (first, token) = list("").await;
        let (second, end) = list(&token).await;
        assert_eq!((first.as_slice(), second.as_slice(), end.as_str()), (&ids[..2], &ids[2..], ""));
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_are_no_more_of_anything_than_may_be() {
    let house = House::on_sqlite(|config| {
        (config.notices.most_recipients, config.notices.most_open, config.notices.most_templates) = (2, 2, 1);
    })
    .await;
    let anna = house.desk(ANNA);
    let id = anna.prepared(&house, 2).await;
    assert_eq!(refusal(anna.add(&id, vec![recipient(2)]).await), "dispatch.too_many");
    assert_eq!(refusal(anna.propose_words(anna.words(&[("pl", "{date}")])).await), "dispatch.too_many");
    let second = house.id();
    anna.create(&second, 1).await.unwrap();
    assert_eq!(refusal(anna.create(&house.id(), 1).await), "dispatch.too_many");
    anna.stop(&second, "not needed").await.unwrap();
    anna.create(&house.id(), 1).await.unwrap();
    house.close().await;
}
