//! One application for a family, and a child born while it runs.

use straznica_contracts::registry::v1::fact::Fact as Stated;
use straznica_contracts::registry::v1::statement_change::Change;
use straznica_contracts::registry::v1::{Birth, FamilyLink, FamilyRelation};
use straznica_registry::Migrations;
use straznica_store::on_both_engines;

use super::teller::Story;
use crate::house::{House, name, refusal, statement};

on_both_engines! {
    Migrations;

    async fn a_child_born_during_the_case_joins_the_application_and_is_decided_with_it(database: TestDatabase) {
        let house = House::open(database).await;
        let mother = house.register(vec![statement(name("Achmadowa", "Ахмадова"))]).await.unwrap();
        let father = house.register(vec![statement(name("Achmadow", "Ахмадов"))]).await.unwrap();
        let spouse = Stated::FamilyLink(FamilyLink { person_id: father.clone(), relation: FamilyRelation::Spouse.into() });
        house.change(&mother, 1, vec![Change::Add(statement(spouse))]).await.unwrap();

        let both = [mother.as_str(), father.as_str()];
        let mut story = Story::of(house, &both, "2026-05-05T10:00:00+02:00", "application_registered").await;
        story.then("2026-05-06T10:00:00+02:00", "application_forwarded").await;
        story.then("2026-05-11T10:00:00+02:00", "merits_opened").await;
        story.then("2026-05-11T11:00:00+02:00", "security_opinion_requested of=abw").await;

        // Born on Monday 15 June, after the law has changed; registered and joined on Monday 22.
        story.house.at("2026-06-22T09:00:00+02:00");
        let born = Stated::Birth(Birth { date: "2026-06-15".to_owned(), place: "Biała Podlaska".to_owned() });
        let parent = Stated::FamilyLink(FamilyLink { person_id: mother.clone(), relation: FamilyRelation::Parent.into() });
        let child = vec![statement(name("Achmadowa", "Ахмадова")), statement(born), statement(parent)];
        let child = story.house.register(child).await.unwrap();
        story.joins("2026-06-22T10:00:00+02:00", &child).await.unwrap();
        let case = story.shown().await;
        assert_eq!(case.person_ids, [mother, father, child.clone()]);
        // The case keeps its law and its terms: six months from 5 May end with Thursday 5 November, with the child or without.
        assert_eq!(case.rule_set, "protection-2015");
        story.stands("2026-06-22T11:00:00+02:00", "merits", &[("merits", "2026-11-05", "running")]).await;
        assert_eq!(refusal(story.joins("2026-06-22T12:00:00+02:00", &child).await), "registry.invalid_request");

        story.decided("2026-09-10T10:00:00+02:00", "refugee_status").await;
        story.then("2026-09-14T10:00:00+02:00", "decision_served decision=refugee_status").await;
        story.then("2026-09-29T10:00:00+02:00", "decision_final decision=refugee_status").await;
        // Who comes when everything is over applies anew.
        let late = story.house.somebody().await;
        assert_eq!(refusal(story.joins("2026-10-01T10:00:00+02:00", &late).await), "registry.not_now");
        story.ends().await;
    }
}
