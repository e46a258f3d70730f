"""What the declarations of all tables share."""

from sqlalchemy import BigInteger, Dialect, MetaData, TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_SIGN = 1 << 63


class Mask(TypeDecorator[int]):
    """64 unsigned bits in a signed column: databases know no unsigned integer."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Move the upper half of the range below zero."""
        return value if value is None or value < _SIGN else value - 2 * _SIGN

    def process_result_value(self, value: int | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Move what is below zero back."""
        return value if value is None or value >= 0 else value + 2 * _SIGN
