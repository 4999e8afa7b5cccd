//! Certificate chains for terminals (TR-03129 §3.3, GetCertificateChain).

use std::sync::Arc;

use cvc::reference::Reference;

use super::App;
use crate::domain::chains::{Chain, Reach};

/// A chip names at most two trust points (TR-03110-3 §A.6.2.2); a few more are looked at, a flood is not.
const MAX_CARS: usize = 8;

/// Answer to a request for a chain.
#[derive(Debug)]
pub(crate) enum ChainAnswer {
    /// ok_certificate_chain_available
    Ready(Arc<Chain>),
    /// failure_CAR_unknown
    Unknown,
    /// failure_syntax, with what is wrong.
    Syntax(&'static str),
    /// failure_other_error: known, but nothing valid is held.
    NothingHeld,
}

/// The chain for the first of `cars` that leads to one. One look-up a reference in a table worked out beforehand.
pub(crate) fn find(app: &App, cars: &[String]) -> ChainAnswer {
    if cars.is_empty() || cars.len() > MAX_CARS {
        return ChainAnswer::Syntax("one to eight certification authority references are taken");
    }
    let state = app.control.at(app.clock.now());
    let mut known = false;
    for car in cars {
        match state.table().reach(car) {
            Some(Reach::Ready(chain)) => return ChainAnswer::Ready(Arc::clone(chain)),
            Some(Reach::NothingHeld) => known = true,
            None if car.parse::<Reference>().is_err() => {
                return ChainAnswer::Syntax("a certification authority reference is malformed");
            }
            None => {}
        }
    }
    if known { ChainAnswer::NothingHeld } else { ChainAnswer::Unknown }
}
