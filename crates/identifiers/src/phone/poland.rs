//! The Polish numbering plan.

/// A range of the Polish numbering plan (Regulation of the Minister of Administration and Digitisation of 30 October 2013 on the plan of
/// national numbering; ranges as UKE lists them). National numbers have nine digits; short numbers, which have fewer, are not dialled from
/// outside a network and are no E.164 numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PolishRange {
    /// 45, 50, 51, 53, 57, 60, 66, 69, 72, 73, 78, 79, 88: phones people carry.
    Mobile,
    /// 21x: machines; nobody reads a message there.
    Machine,
    /// A geographical zone.
    Fixed,
    /// 70x: premium rate.
    Premium,
    /// 80x: freephone, shared cost, universal access.
    SharedCost,
    /// 39: internet telephony.
    Internet,
    /// 64: paging and trunking.
    Paging,
}

const MOBILE: [&str; 13] = ["45", "50", "51", "53", "57", "60", "66", "69", "72", "73", "78", "79", "88"];

/// Geographical zones; 30 and 47 are the numbers of state bodies that belong to no zone.
const ZONES: [&str; 52] = [
    "12", "13", "14", "15", "16", "17", "18", "22", "23", "24", "25", "26", "29", "30", "32", "33", "34", "41", "42",
    "43", "44", "46", "47", "48", "52", "54", "55", "56", "58", "59", "61", "62", "63", "65", "67", "68", "71", "74",
    "75", "76", "77", "81", "82", "83", "84", "85", "86", "87", "89", "91", "94", "95",
];

impl PolishRange {
    pub(super) fn of(national: &str) -> Option<Self> {
        if national.len() != 9 {
            return None;
        }
        let (two, three) = (&national[..2], &national[..3]);
        match two {
            _ if MOBILE.contains(&two) => Some(Self::Mobile),
            "21" => Some(Self::Machine),
            "70" => Some(Self::Premium),
            "80" if matches!(three, "800" | "801" | "804") => Some(Self::SharedCost),
            "39" => Some(Self::Internet),
            "64" => Some(Self::Paging),
            _ if ZONES.contains(&two) => Some(Self::Fixed),
            _ => None,
        }
    }
}
