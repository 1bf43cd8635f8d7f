"""Look-alikes as one would find them with Splink: a model that learns its weights from the data."""

from __future__ import annotations

from collections.abc import Iterator

import splink.comparison_level_library as level
import splink.comparison_library as compared
from pandas import DataFrame
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

SURE = 0.0001  # of being one, as the model has it: where precision and recall are best together
Pairs = Iterator[tuple[int, int]]


def pairs(people: DataFrame) -> Pairs:
    """Of a frame with n, name, sound, phone, birthday, year, month_day, card; None for the unknown."""
    birthday = compared.CustomComparison(
        output_column_name="birthday",
        comparison_levels=[
            level.NullLevel("birthday"),
            level.ExactMatchLevel("birthday"),
            level.DamerauLevenshteinLevel("birthday", 2),  # one digit, or day and month
            level.ElseLevel(),
        ],
    )
    name = compared.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            level.NullLevel("name"),
            level.ExactMatchLevel("name").configure(tf_adjustment_column="name"),
            level.ExactMatchLevel("sound"),
            level.DamerauLevenshteinLevel("name", 1),
            level.ElseLevel(),
        ],
    )
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="n",
        comparisons=[
            name,
            birthday,
            compared.DamerauLevenshteinAtThresholds("phone", [1]),
            compared.ExactMatch("card"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("phone"),
            block_on("card"),
            block_on("sound", "year"),
            block_on("sound", "month_day"),
            block_on("birthday", "substr(name, 1, 1)"),
            block_on("birthday", "substr(name, 2)"),
            block_on("sound", "substr(phone, 1, 7)"),
            block_on("sound", "substr(phone, 7)"),
            block_on("birthday", "substr(phone, 1, 7)"),
            block_on("birthday", "substr(phone, 7)"),
        ],
    )
    api = DuckDBAPI()
    linker = Linker(api.register(people), settings, log_level="ERROR")
    linker.training.estimate_probability_two_random_records_match(
        [block_on("phone"), block_on("card"), block_on("name", "birthday")], recall=0.6
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=1)
    for rule in (block_on("phone"), block_on("birthday", "sound")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(threshold_match_probability=SURE).as_pandas_dataframe()
    yield from zip(found["n_l"].tolist(), found["n_r"].tolist(), strict=True)
