//! What a decision says, and how it reached the person. Texts wipe themselves and print as `***`: they tell what somebody fled from.

use std::mem::take;

use serde::{Deserialize, Serialize};
use straznica_contracts::registry::v1 as contract;
use utoipa::{IntoParams, ToSchema};

use super::{
    deadlines::{Bilingual, LegalBasis},
    decisions::Decision,
    facts::Personal,
    words,
};
use crate::{
    error::GatewayError,
    rest::wire::scalars::{Instant, present},
};

/// What a decision says (treść decyzji).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct DecisionText {
    /// What is decided (sentencja), in Polish, point by point.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 20, example = json!(["Nadaje się status uchodźcy."]))]
    operative: Vec<Personal>,
    /// Why (uzasadnienie), point by point.
    #[schema(min_items = 1, max_items = 100)]
    grounds: Vec<Ground>,
    /// What the person reads in a language they understand; absent: they read Polish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    translation: Option<Translation>,
    /// How a panel voted, where the rules want one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 20)]
    panel: Vec<PanelVote>,
}

/// A reason, and the place in the law it rests on.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Ground {
    /// The act.
    #[schema(value_type = String, min_length = 1, max_length = 300, example = "ustawa z dnia 13 czerwca 2003 r. (Dz.U. 2023 poz. 1504)")]
    act: Personal,
    /// Article.
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "art. 13 ust. 1")]
    article: Personal,
    /// In Polish.
    #[schema(value_type = String, min_length = 1, max_length = 10_000, example = "Obawa przed prześladowaniem jest uzasadniona.")]
    text: Personal,
}

/// What the person reads in a language they understand.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Translation {
    /// ISO 639.
    #[schema(value_type = String, pattern = "^[a-z]{2,3}$", example = "ru")]
    language: Personal,
    /// As many points as the operative part has.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 20, example = json!(["Предоставляется статус беженца."]))]
    operative: Vec<Personal>,
    /// What can be done against it, and by when.
    #[schema(value_type = String, min_length = 1, max_length = 10_000, example = "Решение можно обжаловать в течение 14 дней.")]
    instruction: Personal,
}

/// How a member of a panel voted.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PanelVote {
    /// The member's service identifier.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "rdu-0003")]
    member: Personal,
    /// Whether they are for it.
    #[schema(example = true)]
    agrees: bool,
    /// Why not (zdanie odrębne), where who is against it wants that noted.
    #[serde(default, skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, max_length = 10_000, example = "Obawa nie jest uzasadniona.")]
    dissent: Personal,
}

fn into_texts(texts: Vec<Personal>) -> Vec<String> {
    texts.into_iter().map(Personal::into_contract).collect()
}

fn texts_of(mut texts: Vec<String>) -> Vec<Personal> {
    texts.iter_mut().map(Personal::out_of).collect()
}

impl DecisionText {
    pub(in crate::rest::registry) fn into_contract(self) -> contract::DecisionText {
        let ground = |ground: Ground| contract::Ground {
            act: ground.act.into_contract(),
            article: ground.article.into_contract(),
            text: ground.text.into_contract(),
        };
        let translation = |translation: Translation| contract::Translation {
            language: translation.language.into_contract(),
            operative: into_texts(translation.operative),
            instruction: translation.instruction.into_contract(),
        };
        let vote = |vote: PanelVote| contract::PanelVote {
            member: vote.member.into_contract(),
            agrees: vote.agrees,
            dissent: vote.dissent.into_contract(),
        };
        contract::DecisionText {
            operative: into_texts(self.operative),
            grounds: self.grounds.into_iter().map(ground).collect(),
            translation: self.translation.map(translation),
            panel: self.panel.into_iter().map(vote).collect(),
        }
    }

    /// The messages wipe themselves, so texts are taken out of them.
    fn of(mut told: contract::DecisionText) -> Self {
        let ground = |mut ground: contract::Ground| Ground {
            act: Personal::out_of(&mut ground.act),
            article: Personal::out_of(&mut ground.article),
            text: Personal::out_of(&mut ground.text),
        };
        let translation = |mut translation: contract::Translation| Translation {
            language: Personal::out_of(&mut translation.language),
            operative: texts_of(take(&mut translation.operative)),
            instruction: Personal::out_of(&mut translation.instruction),
        };
        let vote = |mut vote: contract::PanelVote| PanelVote {
            member: Personal::out_of(&mut vote.member),
            agrees: vote.agrees,
            dissent: Personal::out_of(&mut vote.dissent),
        };
        Self {
            operative: texts_of(take(&mut told.operative)),
            grounds: take(&mut told.grounds).into_iter().map(ground).collect(),
            translation: told.translation.take().map(translation),
            panel: take(&mut told.panel).into_iter().map(vote).collect(),
        }
    }
}

/// A text that was written.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WrittenText {
    /// The case's version, to be named by its next change; also the ETag.
    #[schema(example = 4)]
    pub(in crate::rest::registry) version: u64,
    /// The text's own version, from 1.
    #[schema(example = 1)]
    pub(in crate::rest::registry) text_version: u32,
}

/// Which of the texts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TextQuery {
    /// This version of the text; absent: the last.
    #[serde(default)]
    #[param(minimum = 1, example = 1)]
    pub(in crate::rest::registry) text_version: Option<u32>,
}

/// A decision with what it says and how it was served.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WholeDecision {
    /// The decision.
    decision: Decision,
    /// What it says; absent: nobody has written it.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<DecisionText>,
    /// The text's version.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    text_version: Option<u32>,
    /// Service identifier of the officer who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "udsc-0001")]
    written_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    written_at: Option<Instant>,
    /// What the rules let the person do against it (pouczenie).
    instruction: Vec<Remedy>,
    /// How it was served, in order (doręczenia).
    services: Vec<ServiceRecord>,
}

impl WholeDecision {
    pub(in crate::rest::registry) fn of(told: contract::GetDecisionResponse) -> Result<Self, GatewayError> {
        Ok(Self {
            decision: Decision::of(told.decision.ok_or(GatewayError::IncompleteAnswer("a decision"))?)?,
            text: told.text.map(DecisionText::of),
            text_version: (told.text_version != 0).then_some(told.text_version),
            written_by: present(told.written_by),
            written_at: Instant::from_contract(told.written_at_ms),
            instruction: told.instruction.into_iter().map(Remedy::of).collect::<Result<_, _>>()?,
            services: told.services.into_iter().map(ServiceRecord::of).collect::<Result<_, _>>()?,
        })
    }
}

/// What can be done against a decision.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Remedy {
    /// The deadline's name in the rule set.
    #[schema(example = "appeal")]
    rule: String,
    /// What it is called.
    title: Bilingual,
    /// The rule in words.
    says: Bilingual,
    /// The place in the law.
    basis: LegalBasis,
}

impl Remedy {
    fn of(told: contract::Remedy) -> Result<Self, GatewayError> {
        let incomplete = || GatewayError::IncompleteAnswer("a remedy");
        Ok(Self {
            rule: told.rule,
            title: told.title.ok_or_else(incomplete)?.into(),
            says: told.says.ok_or_else(incomplete)?.into(),
            basis: LegalBasis::of(told.basis.ok_or_else(incomplete)?)?,
        })
    }
}

words! {
    both
    /// How a decision is served.
    ServiceManner, "a manner of service" {
        /// Against signature.
        InHand,
        /// By post.
        Post,
        /// Electronically.
        Electronic,
        /// The addressee would not take or sign it.
        Refused,
        /// A notice was put on the board.
        NoticeBoard,
    }
}

/// Records how an issued decision was served, or was not.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewService {
    /// How.
    manner: ServiceManner,
    /// When.
    at: Instant,
    /// A person of the case.
    #[schema(value_type = String, format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    recipient_person_id: Personal,
    /// Who served it: an officer, a guard, the post.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "sg-0001")]
    served_by: Personal,
    /// What there is to note, such as why the signature was refused. Needed for a refusal.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 1_000, example = "would not sign")]
    note: Personal,
}

impl NewService {
    pub(in crate::rest::registry) fn into_contract(self) -> contract::ServiceRecord {
        contract::ServiceRecord {
            manner: self.manner.contract(),
            at_ms: self.at.0.millis(),
            recipient_person_id: self.recipient_person_id.into_contract(),
            served_by: self.served_by.into_contract(),
            note: self.note.into_contract(),
            recorded_by: String::new(),
            recorded_at_ms: 0,
        }
    }
}

/// How a decision was served, or was not.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServiceRecord {
    /// How.
    manner: ServiceManner,
    /// When.
    at: Instant,
    /// The person of the case.
    #[schema(value_type = String, format = Uuid, example = "0197a3c0-9b5d-7e11-8a3c-6d0f2b9e4c55")]
    recipient_person_id: Personal,
    /// Who served it.
    #[schema(value_type = String, example = "sg-0001")]
    served_by: Personal,
    /// What there was to note.
    #[serde(skip_serializing_if = "Personal::is_absent")]
    #[schema(value_type = String, required = false, example = "would not sign")]
    note: Personal,
    /// Service identifier of the officer who recorded it.
    #[schema(example = "sg-0001")]
    recorded_by: String,
    /// When it was recorded.
    recorded_at: Instant,
}

impl ServiceRecord {
    fn of(mut told: contract::ServiceRecord) -> Result<Self, GatewayError> {
        Ok(Self {
            manner: ServiceManner::of(told.manner)?,
            at: Instant::at(told.at_ms),
            recipient_person_id: Personal::out_of(&mut told.recipient_person_id),
            served_by: Personal::out_of(&mut told.served_by),
            note: Personal::out_of(&mut told.note),
            recorded_by: take(&mut told.recorded_by),
            recorded_at: Instant::at(told.recorded_at_ms),
        })
    }
}
