//! Personalises specimen passports: a made-up state's own signing authority, its document signers and their documents.
