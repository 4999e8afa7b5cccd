//! Inspection of travel documents against the trust of spoc
