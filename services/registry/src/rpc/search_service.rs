//! The service `straznica.registry.v1.SearchService`.

use std::mem::take;
use std::sync::Arc;

use straznica_contracts::registry::v1 as proto;
use straznica_contracts::registry::v1::person_question::Question as ProtoQuestion;
use straznica_contracts::registry::v1::search_service_server::SearchService;
use straznica_contracts::registry::v1::{
    FindingReason, FindingStanding, FoundPerson, PersonDescription, SearchPersonsRequest, SearchPersonsResponse,
};
use straznica_types::Timestamp;
use tonic::{Request, Response, Status};

use super::fact::{read_sex, write, write_name};
use super::request::{open, refused};
use crate::app::{App, Found, Hit, Search};
use crate::domain::Refusal;
use crate::domain::finding::{Described, Question, Reason, Standing};
use crate::domain::person::{BirthDate, Country};

/// Hits of a page where the call names no number, and at most.
const USUAL_PAGE: u32 = 10;
const LARGEST_PAGE: u32 = 50;

/// Answers the calls. Which peers may make them is decided before, by the table of calls.
#[derive(Clone)]
pub(crate) struct SearchHandler(pub(crate) Arc<App>);

#[tonic::async_trait]
impl SearchService for SearchHandler {
    async fn search_persons(
        &self,
        request: Request<SearchPersonsRequest>,
    ) -> Result<Response<SearchPersonsResponse>, Status> {
        let (caller, message) = open(request, |message| message.context.take())?;
        let mandate = caller.on_persons(&self.0.purposes).map_err(refused)?;
        let page_size = if message.page_size == 0 { USUAL_PAGE } else { message.page_size.min(LARGEST_PAGE) };
        let search = Search {
            question: question(message.question).map_err(refused)?,
            known_at: message.known_at_ms.map(Timestamp::from_millis),
            page_size: page_size as usize,
            offset: message.offset as usize,
        };
        let found = Box::pin(self.0.search_persons(&mandate, search)).await.map_err(refused)?;
        Ok(Response::new(answer(found)))
    }
}

/// Reads a question. The message wipes itself, so texts are taken out of it.
fn question(question: Option<proto::PersonQuestion>) -> Result<Question, Refusal> {
    let missing = Refusal::Missing { member: "/question" };
    let mut question = question.ok_or(missing.clone())?;
    let mut asked = question.question.take().ok_or(missing)?;
    match &mut asked {
        ProtoQuestion::Number(number) => Question::Number(take(number)).check(),
        ProtoQuestion::Person(person) => Question::Person(described(person)?).check(),
    }
}

fn described(person: &mut PersonDescription) -> Result<Described, Refusal> {
    let invalid = |expected| Refusal::Invalid { member: "/question/person/birth_date", expected };
    Ok(Described {
        name: take(&mut person.name),
        born: BirthDate::parse(&person.birth_date).map_err(|_| invalid("YYYY-MM-DD, YYYY-MM, YYYY or nothing"))?,
        nationality: match person.nationality.as_str() {
            "" => None,
            code => Some(Country::parse(code, "/question/person/nationality")?),
        },
        sex: match person.sex {
            0 => None,
            sex => Some(read_sex(sex, "/question/person/sex")?),
        },
    })
}

fn answer(found: Found) -> SearchPersonsResponse {
    SearchPersonsResponse {
        persons: found.hits.into_iter().map(person).collect(),
        too_common: found.too_common,
        incomplete: found.incomplete,
        next_offset: found.next.and_then(|next| u32::try_from(next).ok()).unwrap_or(0),
    }
}

/// Writes somebody who was found.
pub(super) fn person(hit: Hit) -> FoundPerson {
    FoundPerson {
        person_id: hit.person.to_string(),
        score: hit.judged.score,
        why: hit.judged.why.into_iter().map(reason).collect(),
        history: hit.history,
        name: hit.judged.name.map(write_name),
        known: hit.known.into_iter().map(|fact| proto::Fact { fact: Some(write(fact)) }).collect(),
    }
}

fn reason(reason: Reason) -> FindingReason {
    let standing = match reason.standing {
        Standing::Current => FindingStanding::Current,
        Standing::Ended => FindingStanding::Ended,
        Standing::Replaced => FindingStanding::Replaced,
    };
    FindingReason {
        field: reason.field.to_owned(),
        weight: reason.weight,
        said: reason.said,
        standing: standing.into(),
    }
}
