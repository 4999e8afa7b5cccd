//! Private servers, clocks and certificates for the tests
