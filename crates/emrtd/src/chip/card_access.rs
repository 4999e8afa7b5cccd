//! EF.CardAccess against DG14 (Doc 9303-11 §9.2.11): what the chip offered before the channel, unsigned, must be what the
//! state signed. A difference is how somebody in between would lead the terminal to a weaker protocol.

use crate::check::{CheckResult, Evidence, Outcome};
use crate::lds::security_infos::SecurityInfos;

/// Compares both files; every SecurityInfo of EF.CardAccess must stand in DG14 byte for byte.
#[must_use]
pub fn compare(card_access: &[u8], dg14: &[u8]) -> Outcome {
    let Ok(offered) = SecurityInfos::from_card_access(card_access) else {
        return Outcome::because(CheckResult::Failed, "card_access_unreadable");
    };
    let Ok(signed) = SecurityInfos::from_dg14(dg14) else {
        return Outcome::because(CheckResult::Failed, "dg14_unreadable");
    };
    let missing = signed.missing_from_card_access(&offered);
    if missing.is_empty() {
        return Outcome::new(CheckResult::Successful, Evidence::new().with("entries", offered.entries().len()));
    }
    let names: Vec<String> = missing.iter().map(ToString::to_string).collect();
    let evidence = Evidence::new().with("reason", "not_in_dg14").with("protocols", names.join(" "));
    Outcome::new(CheckResult::Failed, evidence)
}
