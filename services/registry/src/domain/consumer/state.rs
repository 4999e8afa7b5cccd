//! States, and which of them a code in somebody's papers may mean.
//!
//! Papers are written with codes of ICAO 9303-3 §5: those of ISO 3166-1, of territories, of states that are no more, of organisations and of the stateless. What is not
//! here means a state nobody can tell, and is treated as any state.

use std::fmt;

/// The state whose law this register serves. It is the one that protects, so never one to be protected from.
pub const OWN: State = State("POL");

/// A state that has authorities of its own, by its ISO 3166-1 alpha-3 code (Kosovo: RKS, as ICAO 9303 writes it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State(&'static str);

impl State {
    /// The state of this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        STATES.split_ascii_whitespace().find(|state| *state == code).map(Self)
    }

    /// Every state.
    pub fn all() -> impl Iterator<Item = Self> {
        STATES.split_ascii_whitespace().map(Self)
    }

    /// Its code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// The states a code in somebody's papers may mean; `None`: nobody can tell.
    #[must_use]
    pub fn meant_by(code: &str) -> Option<Vec<Self>> {
        if let Some((_, states)) = OTHER_CODES.iter().find(|(other, _)| *other == code) {
            return states.split_ascii_whitespace().map(Self::parse).collect();
        }
        let territory = TERRITORIES.iter().find(|(_, codes)| codes.split_ascii_whitespace().any(|one| one == code));
        Self::parse(territory.map_or(code, |(state, _)| state)).map(|state| vec![state])
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Members and observers of the United Nations, Kosovo and Taiwan.
const STATES: &str = "
    AFG AGO ALB AND ARE ARG ARM ATG AUS AUT AZE BDI BEL BEN BFA BGD BGR BHR BHS BIH BLR BLZ BOL BRA BRB BRN BTN BWA CAF CAN CHE CHL CHN CIV CMR COD COG COL COM
    CPV CRI CUB CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESP EST ETH FIN FJI FRA FSM GAB GBR GEO GHA GIN GMB GNB GNQ GRC GRD GTM GUY HND HRV HTI HUN IDN IND
    IRL IRN IRQ ISL ISR ITA JAM JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR
    MNE MNG MOZ MRT MUS MWI MYS NAM NER NGA NIC NLD NOR NPL NRU NZL OMN PAK PAN PER PHL PLW PNG POL PRK PRT PRY PSE QAT RKS ROU RUS RWA SAU SDN SEN SGP SLB SLE
    SLV SMR SOM SRB SSD STP SUR SVK SVN SWE SWZ SYC SYR TCD TGO THA TJK TKM TLS TON TTO TUN TUR TUV TWN TZA UGA UKR URY USA UZB VAT VCT VEN VNM VUT WSM YEM ZAF
    ZMB ZWE";

/// Territories, by the state whose authorities look after them.
const TERRITORIES: &[(&str, &str)] = &[
    ("AUS", "CCK CXR HMD NFK"),
    ("CHN", "HKG MAC"),
    ("DNK", "FRO GRL"),
    ("FIN", "ALA"),
    ("FRA", "ATF BLM GLP GUF MAF MTQ MYT NCL PYF REU SPM WLF"),
    ("GBR", "AIA BMU CYM FLK GGY GIB IMN IOT JEY MSR PCN SGS SHN TCA VGB"),
    ("NLD", "ABW ANT BES CUW SXM"),
    ("NOR", "BVT SJM"),
    ("NZL", "COK NIU TKL"),
    ("USA", "ASM GUM MNP PRI UMI VIR"),
];

/// Codes that are none of ISO's, that have changed, or whose people another state takes for its own.
const OTHER_CODES: &[(&str, &str)] = &[
    ("BUR", "MMR"),
    ("D", "DEU"),
    ("DDR", "DEU"),
    ("GBD", "GBR"),
    ("GBN", "GBR"),
    ("GBO", "GBR"),
    ("GBP", "GBR"),
    ("GBS", "GBR"),
    ("PSE", "PSE ISR"),
    ("RKS", "RKS SRB"),
    ("ROM", "ROU"),
    ("TMP", "TLS"),
    ("TWN", "TWN CHN"),
    ("XKX", "RKS SRB"),
    ("YMD", "YEM"),
    ("ZAR", "COD"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_means_the_states_whose_authorities_may_be_meant() {
        for (code, states) in [
            ("UKR", "UKR"),
            ("D", "DEU"),
            ("GBN", "GBR"),
            ("HKG", "CHN"),
            ("TWN", "TWN CHN"),
            ("XKX", "RKS SRB"),
            ("GLP", "FRA"),
        ] {
            let meant: Vec<&str> = State::meant_by(code).unwrap().into_iter().map(State::as_str).collect();
            assert_eq!(meant.join(" "), states, "{code}");
        }
    }

    #[test]
    fn of_the_stateless_of_refugees_and_of_states_that_fell_apart_nobody_can_tell() {
        for code in [
            "XXA", "XXB", "XXC", "XXX", "SUN", "YUG", "SCG", "CSK", "UNO", "UNK", "EUE", "ESH", "XPO", "QQQ", "pol", "",
        ] {
            assert_eq!(State::meant_by(code), None, "{code}");
        }
    }

    #[test]
    fn the_tables_hold_together() {
        let all: std::collections::BTreeSet<State> = State::all().collect();
        assert_eq!(all.len(), 197);
        assert_eq!(State::all().count(), all.len());
        assert!(all.contains(&OWN));
        for (state, codes) in TERRITORIES {
            assert!(State::parse(state).is_some(), "{state}");
            assert!(codes.split_ascii_whitespace().all(|code| State::parse(code).is_none()), "{codes}");
        }
        for (code, _) in OTHER_CODES {
            assert!(State::meant_by(code).is_some(), "{code}");
        }
    }
}
