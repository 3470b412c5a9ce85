"""No model is forgotten: a table with tenant_id has the marker, in every module the service ships."""

import importlib
import pkgutil

import pytest
from sqlalchemy import Column, ForeignKey, Integer, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

import orchestrator_service.db
from orchestrator_service.db.base import Base
from orchestrator_service.db.tenancy import TenantOwned, unmarked


def _import_every_module() -> None:
    for module in pkgutil.walk_packages(orchestrator_service.db.__path__, "orchestrator_service.db."):
        importlib.import_module(module.name)


def test_every_table_with_a_tenant_id_is_marked() -> None:
    _import_every_module()
    forgotten = unmarked(Base.metadata)
    assert not forgotten, f"These have a tenant_id and are not TenantOwned: {', '.join(forgotten)}. Mark their models."


def test_a_forgotten_model_is_named() -> None:
    class Other(DeclarativeBase):
        pass

    class Invoice(Other):
        __tablename__ = "invoices"
        id: Mapped[int] = mapped_column(primary_key=True)
        tenant_id: Mapped[int]

    Table("core_only", Other.metadata, Column("tenant_id", Integer))
    assert unmarked(Invoice.metadata) == ["core_only", "invoices"]


def test_a_marked_model_is_not_and_keeps_its_tables_key() -> None:
    class Other(DeclarativeBase):
        pass

    Table("tenants", Other.metadata, Column("id", Integer, primary_key=True))

    class Note(TenantOwned, Other):
        __tablename__ = "notes_of_a_test"
        id: Mapped[int] = mapped_column(primary_key=True)

    assert unmarked(Note.metadata) == []
    assert [column.name for column in Note.__mapper__.primary_key] == ["id"]


def test_a_table_without_tenant_id_is_nobodys() -> None:
    class Other(DeclarativeBase):
        pass

    Table("tenants", Other.metadata, Column("id", Integer, primary_key=True))

    class Animal(TenantOwned, Other):
        __tablename__ = "animals_of_a_test"
        id: Mapped[int] = mapped_column(primary_key=True)

    with pytest.raises(TypeError, match="Dog is marked, but its table lacks tenant_id"):

        class Dog(Animal):
            __tablename__ = "dogs_of_a_test"
            id: Mapped[int] = mapped_column(ForeignKey("animals_of_a_test.id"), primary_key=True)
