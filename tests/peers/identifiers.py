"""What others say about identifiers: Faker (pl_PL) makes them, python-stdnum and phonenumbers judge them.

Prints {"pesel": [[text, valid, birth, sex]], "identity_card": [[text, valid]], "vin": [text], "plates": [text], "phones": [[text, type]],
"calling_codes": [number]}. All people are made up: born in the 1800s or after 2100.
"""

import datetime
import json

import faker
import phonenumbers
import stdnum.pl.pesel
from faker.providers.person.pl_PL import checksum_identity_card_number

faker.Faker.seed(20261122)
FAKE = faker.Faker("pl_PL")


def days():
    for year in list(range(1800, 1900, 3)) + list(range(2101, 2300, 7)):
        yield datetime.datetime(year, FAKE.random_int(1, 12), FAKE.random_int(1, 28))


def judged(pesel):
    try:
        stdnum.pl.pesel.validate(pesel)
        birth = stdnum.pl.pesel.get_birth_date(pesel).isoformat()
        return [pesel, True, birth, stdnum.pl.pesel.get_gender(pesel)]
    except stdnum.exceptions.ValidationError:
        return [pesel, False, None, None]


def neighbours(text):
    """The text with two characters swapped, one changed, one missing, one more."""
    for at in range(len(text) - 1):
        yield text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        digit = str(FAKE.random_int(0, 9))
        yield text[:at] + digit + text[at + 1 :]
    yield text[:-1]
    yield text + "0"


def with_check_digit(ten):
    return ten + str(FAKE.pesel_compute_check_digit(ten))


def pesels():
    for day in days():
        made = FAKE.pesel(day)
        yield judged(made)
        for other in neighbours(made):
            yield judged(other)
    # Days the calendar does not have, under a right check digit.
    for month in list(range(80, 100)) + list(range(40, 80)):
        for day in range(0, 40):
            yield judged(with_check_digit(f"04{month:02}{day:02}1234"))


def card_is_valid(text):
    if len(text) != 9 or not text[:3].isalpha() or not text[3:].isdigit():
        return False
    return checksum_identity_card_number([*text[:3], 0, *map(int, text[4:])]) == int(text[3])


def cards():
    for _ in range(200):
        made = FAKE.identity_card_number()
        yield [made, True]
        for other in neighbours(made):
            yield [other, card_is_valid(other)]


def phones():
    for start in range(1000):
        for rest in ("222333", "987654"):
            text = f"+48{start:03}{rest}"
            number = phonenumbers.parse(text)
            kind = phonenumbers.number_type(number)
            yield [text, phonenumbers.PhoneNumberType.to_string(kind)]
    for _ in range(300):
        made = FAKE.phone_number()
        kind = phonenumbers.number_type(phonenumbers.parse(made, "PL"))
        yield [made, phonenumbers.PhoneNumberType.to_string(kind)]


print(
    json.dumps(
        {
            "pesel": list(pesels()),
            "identity_card": list(cards()),
            "vin": [FAKE.vin() for _ in range(300)],
            "plates": [FAKE.license_plate() for _ in range(300)],
            "phones": list(phones()),
            "calling_codes": sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE),
        }
    )
)
