"""The sweep of services/flows/duplicates.py as one would write it with Polars."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import polars as pl

from services.domain.duplicates import SHARED_MAX
from services.domain.identity import STRONG
from services.flows.duplicates import SAYS

_KEYS = "SELECT kind, digest, member_id, verified FROM member_key WHERE until_ms = 0 AND kind <> 'last4'"


def sweep(path: Path) -> None:
    """Rows of member_pair; the base of the bench has nobody merged or parted before."""
    uri = f"sqlite:///{path}"
    keys = pl.read_database_uri(_KEYS, uri, engine="adbc")
    members = pl.read_database_uri("SELECT member_id, created_at_ms FROM member", uri, engine="adbc")
    order = members.sort("created_at_ms", "member_id").select("member_id").with_row_index("n")
    keys = keys.join(order, on="member_id").select("kind", "digest", "n", "verified")
    several = keys.group_by("kind", "digest").len().filter(pl.col("len").is_between(2, SHARED_MAX))
    keys = several.select("kind", "digest").with_row_index("key").join(keys, on=["kind", "digest"])
    root = _roots(_sure(keys), order.height)
    rooted = keys.with_columns(root.gather(keys["n"]).alias("root"))
    n = pl.Series("n", range(order.height), dtype=pl.UInt32)
    same = pl.DataFrame({"other": n, "oldest": root}).filter(pl.col("other") != pl.col("oldest"))
    found = [same.with_columns(pl.lit("same").alias("likeness"))]
    for likeness in ("candidate", "hint"):
        kinds = [kind for kind, says in SAYS.items() if says == likeness]
        group = rooted.filter(pl.col("kind").is_in(kinds))
        star = group.select("root", pl.col("root").min().over("key").alias("oldest"))
        found.append(
            star.filter(pl.col("root") != pl.col("oldest")).select(
                pl.col("root").alias("other"), "oldest", pl.lit(likeness).alias("likeness")
            )
        )
    pairs = pl.concat(found).unique(["other", "oldest"], keep="first", maintain_order=True)
    names = order["member_id"]
    rows = pl.DataFrame(
        {"a": names.gather(pairs["other"]), "b": names.gather(pairs["oldest"]), "c": pairs["likeness"]}
    )
    with sqlite3.connect(path) as connection:
        connection.executemany("INSERT INTO member_pair VALUES (?, ?, ?)", rows.iter_rows())


def _sure(keys: pl.DataFrame) -> pl.DataFrame:
    """Edges from each member of a key that leaves no doubt to its oldest."""
    kinds = [kind for kind, says in SAYS.items() if says == "same"]
    proved = pl.col("kind").is_in(list(STRONG)) & (pl.col("verified") == 1)
    sure = keys.filter(pl.col("kind").is_in(kinds) | proved)
    return sure.select("n", pl.col("n").min().over("key").alias("to")).filter(pl.col("n") != pl.col("to"))


def _roots(edges: pl.DataFrame, size: int) -> pl.Series:
    """The smallest of each chain, by passing the smaller on until nothing changes; few are in a chain."""
    both = pl.concat([edges, edges.select(pl.col("to").alias("n"), pl.col("n").alias("to"))])
    low = both.select("n").unique().with_columns(pl.col("n").alias("root"))
    while True:
        near = (
            both.join(low, left_on="to", right_on="n").group_by("n").agg(pl.col("root").min().alias("near"))
        )
        after = low.join(near, on="n").select("n", pl.min_horizontal("root", "near").alias("root"))
        if after["root"].sum() == low["root"].sum():
            break
        low = after
    every = pl.DataFrame({"n": pl.Series(range(size), dtype=pl.UInt32)})
    joined = every.join(low, on="n", how="left", maintain_order="left")
    return joined.select(pl.coalesce("root", "n")).to_series()
