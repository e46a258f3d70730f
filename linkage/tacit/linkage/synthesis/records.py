"""What a synthetic coalition consists of: registers as members would keep them, and the truth."""

from dataclasses import dataclass, field

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileForm:
    """How a register wants to be written.

    Attributes:
        suffix: "csv" or "xlsx".
        encoding: Python's name for a CSV file's encoding.
        delimiter: a CSV file's delimiter.
    """

    suffix: str = "csv"
    encoding: str = "utf-8"
    delimiter: str = ","


@dataclass(frozen=True, slots=True)
class Register:
    """One member's register, with nothing in it that its members would not know.

    Attributes:
        member: the member's name.
        slug: the same, fit for a folder.
        file: name of the register's file.
        form: how the file is written.
        header: column names, in the member's own words.
        rows: values as written, as many each as the header has columns.
        mapping: the member's mapping file, TOML.
    """

    member: str
    slug: str
    file: str
    form: FileForm
    header: Row
    rows: tuple[Row, ...] = field(repr=False)
    mapping: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TruthRecord:
    """Who stands behind one record.

    Attributes:
        slug: the member's.
        record_id: the record's identifier in the member's register.
        entity: the invented person's identifier, the same in all registers.
        objected: whether the record objects to publication.
        linkable: whether its consent lets it into a linkage at all.
        published: whether it is among those about to be published.
        altered: register fields that noise has changed or taken away.
    """

    slug: str
    record_id: str
    entity: str
    objected: bool
    linkable: bool
    published: bool = False
    altered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coalition:
    """Registers of all members, and apart from them the truth.

    Attributes:
        registers: one for each member.
        truth: one for each record, by register and row.
        publication: in the story of the demo, the part of a register that is about to be
            published; in the form of that register, so that its mapping fits.
    """

    registers: tuple[Register, ...]
    truth: tuple[TruthRecord, ...] = field(repr=False)
    publication: Register | None = None
