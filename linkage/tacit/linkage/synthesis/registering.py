"""From people to one member's register: what it noted of each, in its own way."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from tacit.linkage.synthesis.documents import Document, Practice, document
from tacit.linkage.synthesis.noise import Noise, misheard, near_date, slip
from tacit.linkage.synthesis.persons import Person
from tacit.linkage.synthesis.records import Register, TruthRecord
from tacit.linkage.synthesis.romanise import SYSTEMS
from tacit.linkage.synthesis.styles import FIELDS, Style
from tacit.linkage.synthesis.writing import DATES, write_code, write_name, write_place


@dataclass(frozen=True, slots=True)
class Registrar:
    """One member at its desk.

    Attributes:
        member: its name.
        slug: the same, fit for a folder.
        style: its habits.
        practice: what it does with its cases.
        noise: what goes wrong there.
        seed: of the coalition.
    """

    member: str
    slug: str
    style: Style
    practice: Practice
    noise: Noise
    seed: int

    def register(
        self, people: Sequence[Person], settled: Mapping[str, str]
    ) -> tuple[Register, list[TruthRecord]]:
        """Register people, in an order of its own.

        Args:
            people: one for each record; who stands in it twice is registered twice.
            settled: entity to what its consent says of publication, where a story needs that.

        Returns:
            The register, and the truth about each row, in order.
        """
        facts, errors, order = (
            Random(f"{self.seed}/{self.slug}/{purpose}")  # noqa: S311 (invented data, not secrets)
            for purpose in ("facts", "errors", "order")
        )
        queue = list(people)
        order.shuffle(queue)
        roles = [role for role in FIELDS if role in self.style.columns]
        rows: list[tuple[str, ...]] = []
        truth: list[TruthRecord] = []
        number = 0
        for person in queue:
            number += facts.randint(1, 3)
            about = document(
                person.year, self.practice, self.style, facts, settled.get(person.entity)
            )
            plain = self._plain(person, about, number, facts)
            noted = self._noted(person, plain, errors)
            rows.append(tuple(noted[role] for role in roles))
            altered = tuple(role for role in roles if noted[role] != plain[role])
            truth.append(
                TruthRecord(
                    slug=self.slug,
                    record_id=noted["record_id"],
                    entity=person.entity,
                    objected=about.consent.publication == "objected",
                    linkable=about.consent.linkable,
                    altered=altered,
                )
            )
        return self._file(roles, rows), truth

    def _plain(self, person: Person, about: Document, number: int, rng: Random) -> dict[str, str]:
        """Write down all that there is, without mistakes."""
        style = self.style
        allowed, objected, unsaid = style.publication
        expires = about.consent.expires
        return {
            "record_id": f"{style.prefix}{number:06}",
            "name": write_name(person.surname, person.given, style, rng),
            "sex": style.sexes["mf".index(person.sex)],
            "birth_date": DATES[style.date](person.born),
            "birth_place": write_place(person.place, style, rng),
            "father": write_name(person.surname, person.father, style, rng),
            "kind": write_code("kind", person.kind, style),
            "year": str(person.year),
            "body": write_code("body", person.body, style, short=True),
            "forum": write_code("forum", about.forum, style, short=True),
            "petition": about.petition,
            "documented_on": DATES[style.documented](about.documented_on),
            "consent_source": about.source,
            "purposes": about.consent.purposes,
            "publication": {"allowed": allowed, "objected": objected}.get(
                about.consent.publication, unsaid
            ),
            "consent_expires": expires.isoformat() if expires else "",
            "keep": about.remark,
        }

    def _noted(self, person: Person, plain: Mapping[str, str], rng: Random) -> dict[str, str]:
        """Write down what became of it."""
        noise = self.noise
        noted = dict(plain)
        noted["name"] = self._name(person.surname, person.given, plain["name"], rng)
        noted["father"] = (
            ""
            if rng.random() < noise.no_father
            else self._name(person.surname, person.father, plain["father"], rng)
        )
        noted["birth_date"] = self._birth(person, plain["birth_date"], rng)
        noted["birth_place"] = self._place(person, plain["birth_place"], rng)
        noted["sex"] = self._sex(plain["sex"], rng)
        noted["year"] = self._year(plain["year"], rng)
        for role in ("kind", "year", "body"):
            if rng.random() < noise.no_event:
                noted[role] = ""
        return noted

    def _name(self, family: str, given: str, plain: str, rng: Random) -> str:
        noise = self.noise
        written = plain
        swapped = rng.random() < noise.swapped
        if rng.random() < noise.respelled:
            written = self._respelled(family, given, rng, swapped=swapped)
        elif swapped:
            written = write_name(family, given, self.style, rng, swapped=True)
        return slip(written, rng) if rng.random() < noise.typo else written

    def _respelled(self, family: str, given: str, rng: Random, *, swapped: bool) -> str:
        """Write a name in another romanisation, or in Hangul as another ear heard it."""
        style = self.style
        if style.script in SYSTEMS:
            others = [system for system in SYSTEMS if system != style.script]
            style = replace(style, script=rng.choice(others))
        else:
            given = misheard(given, rng)
        return write_name(family, given, style, rng, swapped=swapped)

    def _birth(self, person: Person, plain: str, rng: Random) -> str:
        noise = self.noise
        known = rng.random()
        if known < noise.no_birth:
            return ""
        day = near_date(person.born, noise, rng)
        if known < noise.no_birth + noise.year_only:
            if rng.random() < noise.january:
                return DATES[self.style.date](day.replace(month=1, day=1))
            return f"{day.year}년" if self.style.date == "hangul" else str(day.year)
        return plain if day == person.born else DATES[self.style.date](day)

    def _place(self, person: Person, plain: str, rng: Random) -> str:
        known = rng.random()
        if known < self.noise.no_place:
            return ""
        if known < self.noise.no_place + self.noise.province_only:
            return write_place(person.place, self.style, rng, province_only=True)
        return plain

    def _sex(self, plain: str, rng: Random) -> str:
        known = rng.random()
        if known < self.noise.no_sex:
            return ""
        man, woman = self.style.sexes
        wrong = known < self.noise.no_sex + self.noise.wrong_sex
        return (woman if plain == man else man) if wrong else plain

    def _year(self, plain: str, rng: Random) -> str:
        off = rng.random() < self.noise.event_off
        return str(int(plain) + rng.choice((-1, 1))) if off else plain

    def _file(self, roles: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Register:
        style = self.style
        return Register(
            member=self.member,
            slug=self.slug,
            file=f"register.{style.form.suffix}",
            form=style.form,
            header=tuple(style.columns[role] for role in roles),
            rows=tuple(rows),
            mapping=write_mapping(style),
        )


def write_mapping(style: Style) -> str:
    """Write the mapping file of a style, TOML."""
    lines = ["format = 1", "", "[columns]"]
    lines += [f"{_quoted(name)} = {_quoted(role)}" for role, name in style.columns.items()]
    if style.constants:
        lines += ["", "[constants]"]
        lines += [f"{_quoted(role)} = {_quoted(value)}" for role, value in style.constants.items()]
    if style.meanings:
        lines += ["", f"[values.{_quoted(style.columns['publication'])}]"]
        lines += [f"{_quoted(word)} = {_quoted(to)}" for word, to in style.meanings.items()]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    # A TOML basic string escapes as JSON does where there are no control characters.
    return json.dumps(text, ensure_ascii=False)
