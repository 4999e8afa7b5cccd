//! The tables of spoc, a file a version. What has landed is never edited.

mod bundles_begun;
mod crls_by_hand;
mod ended_requests;
mod exchange;
mod initial;
mod partner_certificates;
mod suspension;
mod taken_in_bundles;
mod unreferenced_keys;
mod used_once;
mod used_per_cvca;

pub(super) use bundles_begun::BundlesBegun;
pub(super) use crls_by_hand::CrlsByHand;
pub(super) use ended_requests::EndedRequests;
pub(super) use exchange::Exchange;
pub(super) use initial::Initial;
pub(super) use partner_certificates::PartnerCertificates;
pub(super) use suspension::Suspension;
pub(super) use taken_in_bundles::TakenInBundles;
pub(super) use unreferenced_keys::UnreferencedKeys;
pub(super) use used_once::UsedOnce;
pub(super) use used_per_cvca::UsedPerCvca;
