"""The box's few own facts: store, epoch, number of boots."""

from __future__ import annotations

from peewee import TextField

from services.store.db import Row


class BoxRow(Row):
    key = TextField(primary_key=True)
    value = TextField()

    class Meta:
        table_name = "box"
        without_rowid = True


def get(key: str, default: str = "") -> str:
    value = BoxRow.select(BoxRow.value).where(BoxRow.key == key).scalar()
    return default if value is None else str(value)


def put(key: str, value: str) -> None:
    BoxRow.insert(key=key, value=value).on_conflict_replace().execute()
