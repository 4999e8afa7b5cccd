//! Trust in other states' documents: asked of spoc.

use straznica_contracts::spoc::v1 as contract;

use super::Gateway;
use crate::error::GatewayError;

/// A signed list, or only its digest when the caller has it.
#[derive(Debug)]
pub(crate) struct SignedList {
    pub(crate) sha256: [u8; 32],
    pub(crate) content: Option<Vec<u8>>,
}

impl SignedList {
    fn new(sha256: Vec<u8>, content: Vec<u8>) -> Result<Self, GatewayError> {
        let sha256 = sha256.try_into().map_err(|_| GatewayError::IncompleteAnswer("a digest"))?;
        Ok(Self { sha256, content: (!content.is_empty()).then_some(content) })
    }
}

impl Gateway {
    pub(crate) async fn document_signer(
        &self,
        certificate: Vec<u8>,
    ) -> Result<contract::GetDocumentSignerInformationResponse, GatewayError> {
        let mut client = self.upstreams().control_centre.clone();
        let request = contract::GetDocumentSignerInformationRequest { certificate };
        Ok(client.get_document_signer_information(request).await?.into_inner())
    }

    pub(crate) async fn master_list(&self, known: Option<[u8; 32]>) -> Result<SignedList, GatewayError> {
        let mut client = self.upstreams().control_centre.clone();
        let request = contract::GetMasterListRequest { known_sha256: known.map(Vec::from).unwrap_or_default() };
        let answer = client.get_master_list(request).await?.into_inner();
        SignedList::new(answer.sha256, answer.list)
    }

    pub(crate) async fn defect_list(&self, known: Option<[u8; 32]>) -> Result<SignedList, GatewayError> {
        let mut client = self.upstreams().control_centre.clone();
        let request = contract::GetDefectListRequest { known_sha256: known.map(Vec::from).unwrap_or_default() };
        let answer = client.get_defect_list(request).await?.into_inner();
        SignedList::new(answer.sha256, answer.list)
    }

    pub(crate) async fn trust_summary(&self) -> Result<contract::GetTrustSummaryResponse, GatewayError> {
        let mut client = self.upstreams().trust.clone();
        let request = contract::GetTrustSummaryRequest {};
        Ok(client.get_trust_summary(request).await?.into_inner())
    }
}
