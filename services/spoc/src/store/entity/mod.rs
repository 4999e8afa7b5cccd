//! Rows of spoc's own tables. Enumerations are text with a CHECK, time is milliseconds UTC, digests are lower-case hex.

#![expect(unreachable_pub, reason = "the derives of sea-orm want public items in modules that are not")]

pub(crate) mod anchor;
pub(crate) mod application;
pub(crate) mod csca;
pub(crate) mod cv_certificate;
pub(crate) mod cvca_rollover;
pub(crate) mod defect_list;
pub(crate) mod dv_request;
pub(crate) mod general_message;
pub(crate) mod generation;
pub(crate) mod holder;
pub(crate) mod holder_proposal;
pub(crate) mod inbound_message;
pub(crate) mod inspection_grant;
pub(crate) mod issued_certificate;
pub(crate) mod master_list;
pub(crate) mod node;
pub(crate) mod outbox;
pub(crate) mod partner;
pub(crate) mod partner_certificate;
pub(crate) mod partner_contact;
pub(crate) mod partner_crl;
pub(crate) mod partner_crl_by_hand;
pub(crate) mod partner_cvca;
pub(crate) mod partner_proposal;
pub(crate) mod partner_root;
pub(crate) mod planned_outage;
pub(crate) mod resumption_proposal;
pub(crate) mod revocation_list;
pub(crate) mod sequence;
pub(crate) mod subscription;
pub(crate) mod ta_counter;
pub(crate) mod taken_in_bundle;
pub(crate) mod unreferenced_key;
pub(crate) mod vouching;
