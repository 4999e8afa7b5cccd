//! People who do not exist: born in the 1800s, so that no living person's number is among theirs.

use identifiers::{NotMadeUp, Pesel, Sex};
use straznica_types::CivilDate;

/// Somebody made up, and what stands about them in the registers.
#[derive(Clone, Debug)]
pub struct MadeUp {
    /// Number in the population register.
    pub pesel: Pesel,
    /// Given names.
    pub given_names: &'static str,
    /// Surname.
    pub surname: &'static str,
    /// Place of birth.
    pub place_of_birth: &'static str,
    /// What is special about them.
    pub circumstance: Circumstance,
    /// Tells portraits and numbers of documents apart.
    pub(super) serial: u16,
}

/// What is special about a made-up person: one for each answer a register can give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Circumstance {
    /// Has every document, all valid.
    HasEverything,
    /// Reported the identity card lost.
    CardLost,
    /// Has an expired driving licence, and a vehicle whose inspection is overdue.
    LicenceExpired,
    /// Has had the right to drive withheld.
    LicenceSuspended,
    /// Had the student card revoked.
    StudentCardRevoked,
    /// Is sought, to be arrested.
    Sought,
    /// Is in the population register and has no document at all.
    HasNothing,
}

/// Sex, day of birth, names, place, circumstance.
type Line = (Sex, &'static str, &'static str, &'static str, &'static str, Circumstance);

const PEOPLE: [Line; 7] = [
    (Sex::Female, "1867-11-07", "Marianna Zofia", "Wydmuchowska", "Kraków", Circumstance::HasEverything),
    (Sex::Male, "1855-12-24", "Dobrogost", "Niebylski", "Wilno", Circumstance::CardLost),
    (Sex::Male, "1873-02-19", "Mściwój", "Zmyślony", "Toruń", Circumstance::LicenceExpired),
    (Sex::Female, "1842-05-23", "Żegota Łucja", "Nieistniejąca", "Suwałki", Circumstance::LicenceSuspended),
    (Sex::Female, "1899-12-31", "Bożydara", "Przykładna", "Łódź", Circumstance::StudentCardRevoked),
    (Sex::Male, "1831-03-03", "Sulisław", "Bajeczny", "Przemyśl", Circumstance::Sought),
    (Sex::Male, "1848-02-29", "Gniewomir", "Próbny", "Zamość", Circumstance::HasNothing),
];

/// Everybody there is.
///
/// # Errors
/// [`NotMadeUp`] when `today` is so early that one of them may live.
pub fn made_up_people(today: CivilDate) -> Result<Vec<MadeUp>, NotMadeUp> {
    let mut people = Vec::with_capacity(PEOPLE.len());
    for (serial, (sex, birth, given_names, surname, place_of_birth, circumstance)) in (1..).zip(PEOPLE) {
        let birth = birth.parse().map_err(|_| NotMadeUp::NoNumber)?;
        let pesel = Pesel::made_up(birth, serial, sex, today)?;
        people.push(MadeUp { pesel, given_names, surname, place_of_birth, circumstance, serial });
    }
    Ok(people)
}
