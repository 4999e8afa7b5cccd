//! Chain and signature: asked of spoc's terminal control centre, whose result codes (BSI TR-03129 §3.3, §3.4) become problems here. Both
//! are for an inspection of the same terminal, on behalf of the officer who opened it.

use straznica_contracts::spoc::v1 as contract;
use straznica_types::InspectionId;

use super::Gateway;
use crate::{
    error::{GatewayError, codes},
    rest::caller::TerminalCaller,
};

impl Gateway {
    pub(crate) async fn certificate_chain(
        &self,
        caller: &TerminalCaller,
        inspection: InspectionId,
        mut request: contract::GetCertificateChainRequest,
    ) -> Result<contract::GetCertificateChainResponse, GatewayError> {
        use contract::ChainResult as Outcome;
        request.context = caller.context(self.mission(caller, inspection).await?.into());
        let mut client = self.upstreams().control_centre.clone();
        let chain = client.get_certificate_chain(request).await?.into_inner();
        let code = match chain.result() {
            Outcome::OkCertificateChainAvailable => return Ok(chain),
            Outcome::FailureCarUnknown => &codes::CAR_UNKNOWN,
            Outcome::FailureSyntax => &codes::CHAIN_SYNTAX,
            Outcome::FailureOtherError => &codes::NO_CHAIN,
            Outcome::FailureInternalError | Outcome::Unspecified => &codes::CONTROL_CENTRE,
        };
        Err(GatewayError::Chain { code, detail: chain.detail })
    }

    pub(crate) async fn ta_signature(
        &self,
        caller: &TerminalCaller,
        inspection: InspectionId,
        mut request: contract::GetTaSignatureRequest,
    ) -> Result<Vec<u8>, GatewayError> {
        use contract::TaSignatureResult as Outcome;
        request.context = caller.context(self.mission(caller, inspection).await?.into());
        let mut client = self.upstreams().control_centre.clone();
        let signed = client.get_ta_signature(request).await?.into_inner();
        let code = match signed.result() {
            Outcome::OkSignatureAvailable => return Ok(signed.signature),
            Outcome::FailureChrUnknown => &codes::CHR_UNKNOWN,
            Outcome::FailureSyntax => &codes::SIGNATURE_SYNTAX,
            Outcome::FailureInternalError | Outcome::Unspecified => &codes::CONTROL_CENTRE,
        };
        Err(GatewayError::Signature { code, detail: signed.detail })
    }
}
