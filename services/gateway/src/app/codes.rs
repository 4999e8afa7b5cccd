//! One-time codes for other authorities: asked of dispatch.

use straznica_contracts::dispatch::v1 as contract;

use super::Gateway;
use crate::error::GatewayError;

impl Gateway {
    /// Has a code sent.
    pub(crate) async fn send_code(&self, request: contract::SendCodeRequest) -> Result<(), GatewayError> {
        let mut client = self.upstreams().codes.clone().ok_or(GatewayError::NoCodes)?;
        client.send_code(request).await?;
        Ok(())
    }

    /// Has a code compared.
    pub(crate) async fn validate_code(&self, request: contract::ValidateCodeRequest) -> Result<(), GatewayError> {
        let mut client = self.upstreams().codes.clone().ok_or(GatewayError::NoCodes)?;
        client.validate_code(request).await?;
        Ok(())
    }
}
