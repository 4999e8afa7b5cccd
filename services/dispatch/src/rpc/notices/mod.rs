//! The service `straznica.dispatch.v1.NoticeService`.

mod answer;
mod request;

use std::sync::Arc;

use straznica_contracts::common::v1::CallContext;
use straznica_contracts::dispatch::v1::notice_service_server::NoticeService;
use straznica_contracts::dispatch::v1::{
    AddRecipientsRequest, AddRecipientsResponse, ApproveTemplateRequest, ApproveTemplateResponse, CreateNoticeRequest,
    CreateNoticeResponse, GetNoticeRequest, GetNoticeResponse, ListNoticesRequest, ListNoticesResponse,
    ListRecipientsRequest, ListRecipientsResponse, ListTemplatesRequest, ListTemplatesResponse, PreviewNoticeRequest,
    PreviewNoticeResponse, ProposeStartRequest, ProposeStartResponse, ProposeTemplateRequest, ProposeTemplateResponse,
    RecordChoiceRequest, RecordChoiceResponse, StartNoticeRequest, StartNoticeResponse, StopNoticeRequest,
    StopNoticeResponse,
};
use tonic::{Request, Response, Status};

use super::service;
use crate::app::App;
use crate::domain::{Acting, Institution, NoticeId};
use crate::error::DispatchError;

/// Answers the calls. Who may make them is decided before, by the table of calls.
#[derive(Clone)]
pub(crate) struct NoticeHandler(pub(crate) Arc<App>);

/// What every request has.
trait ForInstitution {
    fn context(&mut self) -> Option<CallContext>;
    fn institution(&self) -> &str;
}

macro_rules! for_institution {
    ($($request:ident),* $(,)?) => { $(
        impl ForInstitution for $request {
            fn context(&mut self) -> Option<CallContext> {
                self.context.take()
            }

            fn institution(&self) -> &str {
                &self.institution
            }
        }
    )* };
}

for_institution!(
    ProposeTemplateRequest,
    ApproveTemplateRequest,
    ListTemplatesRequest,
    RecordChoiceRequest,
    CreateNoticeRequest,
    AddRecipientsRequest,
    PreviewNoticeRequest,
    ProposeStartRequest,
    StartNoticeRequest,
    StopNoticeRequest,
    GetNoticeRequest,
    ListNoticesRequest,
    ListRecipientsRequest,
);

/// Splits a request into who acts and what is asked.
fn open<T: ForInstitution>(request: Request<T>) -> Result<(Acting, T), Status> {
    let (caller, message) = service::open(request, T::context)?;
    let institution = Institution::parse(message.institution()).map_err(refused)?;
    Ok((Acting::new(caller, institution).map_err(refused)?, message))
}

fn refused(error: impl Into<DispatchError>) -> Status {
    service::refused(error)
}

fn notice_id(text: &str) -> Result<NoticeId, Status> {
    request::notice_id(text).map_err(refused)
}

#[tonic::async_trait]
impl NoticeService for NoticeHandler {
    async fn propose_template(
        &self,
        request: Request<ProposeTemplateRequest>,
    ) -> Result<Response<ProposeTemplateResponse>, Status> {
        let (acting, mut message) = open(request)?;
        let template = request::name(&message.template, "/template").map_err(refused)?;
        let words = request::words(&mut message);
        let version = Box::pin(self.0.propose_template(&acting, &template, words)).await.map_err(refused)?;
        Ok(Response::new(ProposeTemplateResponse { version }))
    }

    async fn approve_template(
        &self,
        request: Request<ApproveTemplateRequest>,
    ) -> Result<Response<ApproveTemplateResponse>, Status> {
        let (acting, message) = open(request)?;
        let template = request::name(&message.template, "/template").map_err(refused)?;
        let version = request::version(message.version).map_err(refused)?;
        Box::pin(self.0.approve_template(&acting, &template, version)).await.map_err(refused)?;
        Ok(Response::new(ApproveTemplateResponse {}))
    }

    async fn list_templates(
        &self,
        request: Request<ListTemplatesRequest>,
    ) -> Result<Response<ListTemplatesResponse>, Status> {
        let (acting, message) = open(request)?;
        let name = request::optional_name(&message.template, "/template").map_err(refused)?;
        let after = request::after_template(&message.page_token).map_err(refused)?;
        let size = request::page_size(message.page_size);
        let page = self.0.templates(&acting, name.as_deref(), after, size).await.map_err(refused)?;
        let token = |kept: &crate::store::KeptTemplate| format!("{}/{}", kept.name, kept.version);
        let (versions, next_page_token) = answer::page(page, token, answer::version);
        Ok(Response::new(ListTemplatesResponse { versions, next_page_token }))
    }

    async fn record_choice(
        &self,
        request: Request<RecordChoiceRequest>,
    ) -> Result<Response<RecordChoiceResponse>, Status> {
        let (acting, message) = open(request)?;
        let phone = request::phone(&message.phone).map_err(refused)?;
        Box::pin(self.0.record_choice(&acting, &phone, message.wants_notices)).await.map_err(refused)?;
        Ok(Response::new(RecordChoiceResponse {}))
    }

    async fn create_notice(
        &self,
        request: Request<CreateNoticeRequest>,
    ) -> Result<Response<CreateNoticeResponse>, Status> {
        let (acting, message) = open(request)?;
        let new = request::new_notice(&message).map_err(refused)?;
        Box::pin(self.0.create_notice(&acting, new)).await.map_err(refused)?;
        Ok(Response::new(CreateNoticeResponse {}))
    }

    async fn add_recipients(
        &self,
        request: Request<AddRecipientsRequest>,
    ) -> Result<Response<AddRecipientsResponse>, Status> {
        let (acting, message) = open(request)?;
        let id = notice_id(&message.notice_id)?;
        let page = request::recipients(message.recipients).map_err(refused)?;
        let added = Box::pin(self.0.add_recipients(&acting, id, &page)).await.map_err(refused)?;
        Ok(Response::new(AddRecipientsResponse { added }))
    }

    async fn preview_notice(
        &self,
        request: Request<PreviewNoticeRequest>,
    ) -> Result<Response<PreviewNoticeResponse>, Status> {
        let (acting, message) = open(request)?;
        let id = notice_id(&message.notice_id)?;
        let estimate = self.0.preview_notice(&acting, id).await.map_err(refused)?;
        let price = &self.0.rules.notices;
        let languages = estimate.languages.into_iter().map(|count| answer::language(count, price)).collect();
        Ok(Response::new(PreviewNoticeResponse { languages, no_opt_in: answer::number(estimate.no_opt_in) }))
    }

    async fn propose_start(
        &self,
        request: Request<ProposeStartRequest>,
    ) -> Result<Response<ProposeStartResponse>, Status> {
        let (acting, message) = open(request)?;
        let id = notice_id(&message.notice_id)?;
        Box::pin(self.0.propose_start(&acting, id)).await.map_err(refused)?;
        Ok(Response::new(ProposeStartResponse {}))
    }

    async fn start_notice(
        &self,
        request: Request<StartNoticeRequest>,
    ) -> Result<Response<StartNoticeResponse>, Status> {
        let (acting, message) = open(request)?;
        let id = notice_id(&message.notice_id)?;
        Box::pin(self.0.start_notice(&acting, id)).await.map_err(refused)?;
        Ok(Response::new(StartNoticeResponse {}))
    }

    async fn stop_notice(&self, request: Request<StopNoticeRequest>) -> Result<Response<StopNoticeResponse>, Status> {
        let (acting, message) = open(request)?;
        let id = notice_id(&message.notice_id)?;
        let withdrawn = Box::pin(self.0.stop_notice(&acting, id, &message.reason)).await.map_err(refused)?;
        Ok(Response::new(StopNoticeResponse { withdrawn }))
    }

    async fn get_notice(&self, request: Request<GetNoticeRequest>) -> Result<Response<GetNoticeResponse>, Status> {
        let (acting, message) = open(request)?;
        let id = notice_id(&message.notice_id)?;
        let progress = self.0.notice_progress(&acting, id).await.map_err(refused)?;
        Ok(Response::new(answer::progress(progress)))
    }

    async fn list_notices(
        &self,
        request: Request<ListNoticesRequest>,
    ) -> Result<Response<ListNoticesResponse>, Status> {
        let (acting, message) = open(request)?;
        let before = request::before_notice(&message.page_token).map_err(refused)?;
        let size = request::page_size(message.page_size);
        let page = self.0.list_notices(&acting, before, size).await.map_err(refused)?;
        let (notices, next_page_token) = answer::page(page, |notice| notice.id.to_string(), answer::notice);
        Ok(Response::new(ListNoticesResponse { notices, next_page_token }))
    }

    async fn list_recipients(
        &self,
        request: Request<ListRecipientsRequest>,
    ) -> Result<Response<ListRecipientsResponse>, Status> {
        let (acting, message) = open(request)?;
        let id = notice_id(&message.notice_id)?;
        let after = request::after_recipient(&message.page_token).map_err(refused)?;
        let size = request::page_size(message.page_size);
        let page = self.0.notice_report(&acting, id, after, size).await.map_err(refused)?;
        let price = &self.0.rules.notices;
        let row = |told| answer::recipient(told, price);
        let (recipients, next_page_token) = answer::page(page, |told| told.reference.clone(), row);
        Ok(Response::new(ListRecipientsResponse { recipients, next_page_token }))
    }
}
