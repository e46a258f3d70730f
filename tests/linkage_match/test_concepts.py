"""What the names of columns are about, in many languages."""

import pytest

from tacit.linkage.concepts import Concept, Part, concept

WHOLE, ALIAS, FAMILY, GIVEN = Part.WHOLE, Part.ALIAS, Part.FAMILY, Part.GIVEN


@pytest.mark.parametrize(
    ("headers", "subject", "part"),
    [
        (
            "name full_name FullName 이름 성명 한글이름 영문성명 name_ko ФИО ho_ten ad_soyad",
            "name",
            WHOLE,
        ),
        ("alias aliases A.K.A. other_names 별명 가명 stage_name псевдоним 別名", "name", ALIAS),
        ("last_name Surname familyName 성 Nachname apellidos фамилия nazwisko 姓", "name", FAMILY),
        ("first_name GivenName forename Vorname prénom imię имя 名", "name", GIVEN),
        ("middle_name отчество", "name", Part.MIDDLE),
        (
            "dob DOB birth_date date-of-birth born Geburtsdatum 생년월일 出生日期 naissance",
            "birth",
            WHOLE,
        ),
        ("fecha_nacimiento ngay_sinh data_urodzenia дата_рождения 출생", "birth", WHOLE),
        ("birth_year year_of_birth YOB 생년 출생연도 año_nacimiento", "birth", Part.YEAR),
        ("birth_month dob_month", "birth", Part.MONTH),
        ("dob_day day_of_birth", "birth", Part.DAY),
        ("date_of_death 사망일 died", "death", WHOLE),
        ("pob place_of_birth birthplace 출생지 고향 Geburtsort", "birth place", WHOLE),
        ("sex Gender 성별 Geschlecht sexo пол 性別", "sex", WHOLE),
        ("city Town Ort ville 도시 город", "place", WHOLE),
        ("zip PostCode PLZ 우편번호", "postcode", WHOLE),
        ("father father_name 아버지 부친성명 отец", "father name", WHOLE),
        ("mother_maiden_name 어머니", "mother name", WHOLE),
        ("age 나이 Alter edad", "age", WHOLE),
    ],
)
def test_names_of_columns(headers: str, subject: str, part: Part) -> None:
    for header in headers.split():
        assert concept(header) == Concept(subject, part), header


@pytest.mark.parametrize(
    "header",
    [
        *("company_name", "site name", "street_name", "group", "kind", "body", "hobby", "col7", ""),
        *("arrest_date", "documented_on", "birth_certificate_no", "year", "family_size", "title"),
    ],
)
def test_what_tells_nothing(header: str) -> None:
    assert concept(header) is None
