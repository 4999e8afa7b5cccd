//! What the use cases give → answers.

use straznica_contracts::dispatch::v1 as proto;

use crate::domain::Standing;

pub(super) fn standing(standing: Standing) -> proto::GetTransactionResponse {
    let mut answer = proto::GetTransactionResponse::default();
    answer.set_state(match &standing {
        Standing::Pending => proto::TransactionState::Pending,
        Standing::Approved { .. } => proto::TransactionState::Approved,
        Standing::Refused => proto::TransactionState::Refused,
        Standing::Expired => proto::TransactionState::Expired,
        Standing::Over => proto::TransactionState::Over,
    });
    if let Standing::Approved { at, acr } = standing {
        let mut approval = proto::Approval { approved_at_ms: at.millis(), ..proto::Approval::default() };
        approval.set_channel(match acr {
            Some(_) => proto::ApprovalChannel::Phone,
            None => proto::ApprovalChannel::Code,
        });
        approval.acr = acr.unwrap_or_default();
        answer.approval = Some(approval);
    }
    answer
}
