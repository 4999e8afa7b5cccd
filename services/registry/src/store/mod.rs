//! The database of the registry: private to the service.

mod alerts;
mod alerts_schema;
mod blanks;
mod brought_in;
mod cases;
mod consultation_schema;
mod consultations;
mod consumer_schema;
mod consumers;
mod counted;
mod decisions;
mod document_schema;
mod documents;
mod duplicates;
mod entity;
mod erase;
mod erase_consultations;
mod finding;
mod finding_schema;
mod intake_schema;
mod intakes;
mod merge_schema;
mod merges;
mod migrations;
mod persons;
mod retention;
mod retention_schema;
mod rows;
mod ruling_schema;
mod rulings;
mod scn;
mod scn_schema;

pub(crate) use alerts::{
    KeptAlertConsultation, KeptCheck, KeptFinding, KeptResolution, alert_consultations_of, checks_of,
    find_alert_consultation, find_finding, find_resolution, findings_of, forget_alerts, insert_alert_consultation,
    insert_check, insert_resolution, last_person_check, latest_possible, resolutions_of, update_alert_consultation,
    update_resolution,
};
pub(crate) use blanks::{
    Mover, Stock, balance_of, find_order, insert_order, kind_of, move_blanks, numbers_in, settle_order, waiting_orders,
};
pub(crate) use brought_in::{
    BroughtIn, KeptRecord, count_brought_in, find_brought_in, find_record, insert_brought_in, insert_record, numbered,
    records_of,
};
pub(crate) use cases::{
    insert_case, insert_event, insert_persons, insert_taking, load_case, next_number, next_of_type, open_cases,
    update_case,
};
pub(crate) use consultations::{
    KeptConsultation, Place, consultations_of_case, due_silences, insert_consultation, insert_noted, load_consultation,
    open_consultations, open_consultations_of, questions_to, update_consultation,
};
pub(crate) use consumers::{Window, case_numbered, cases_of, count_question};
pub(crate) use counted::{CaseCounted, counted_after, write_counted};
pub(crate) use decisions::{insert_decision, update_decision};
pub(crate) use documents::{
    documents_of_case, documents_of_person, find_document, insert_document, insert_document_step, steps_of,
    update_document,
};
pub(crate) use duplicates::{
    DuplicateState, Pair, decide_duplicate, find_to_compare, insert_duplicates, insert_to_compare, open_duplicates,
};
pub(crate) use erase::{are_needed, erase_file, erase_person, erase_texts};
pub(crate) use erase_consultations::{consultation_ids_of, consultations_closed_by, erase_consultation};
pub(crate) use finding::{
    Candidate, candidates, count_persons, find_records, forget_other_versions, unfindable, write_finding,
};
pub(crate) use intakes::{
    KeptRow, close_row, count_refused, count_rows, find_intake, forget_waiting, insert_intake, last_intake,
    list_intakes, list_rows, running_intake, update_intake,
};
pub(crate) use merges::{
    KeptMerge, find_merge, insert_merge, insert_step, merges_around, merges_of, pending_merges, raise_person,
};
pub use migrations::Migrations;
pub(crate) use persons::{
    KeptPerson, KeptStatement, bump_person, find_person, insert_person, insert_statements, known_persons,
};
pub(crate) use retention::{
    approve_erasure, closed_by, find_erasure, find_hold, holds_of, insert_erasure, insert_hold, items_of, lift_hold,
    list_erasures, next_waiting, on_hold, settle_item,
};
pub use rows::UnreadableRow;
pub(crate) use rulings::{KeptService, KeptText, insert_service, insert_text, services_of, texts_of};
pub(crate) use scn::{
    Counted, Fate, ReceivedRow, SentRow, StrayKind, StrayRow, asked_by, asked_in, count_copy, counted,
    delete_notification, due_forms, due_notifications, find_received, find_sent, give_form_back, insert_notification,
    insert_received, insert_sent, insert_stray, mark_notified, mark_overdue, mark_sent, move_position, newly_overdue,
    of_fate, position, send_again, set_fate, strays, take_form, unmatched, waiting_for,
};
