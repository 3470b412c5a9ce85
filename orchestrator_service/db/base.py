"""The declarative base all models share."""

from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Its metadata is what `alembic check` compares a database with."""
