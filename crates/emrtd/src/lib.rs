//! Electronic machine readable travel documents: ICAO Doc 9303 passive authentication, chip authenticity, master lists
