"""The suites as Great Expectations sees them: one expectation a rule, over a frame of one row."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Mapping
from functools import cache, lru_cache
from types import ModuleType
from typing import Any

import pandas as pd

from muniment.errors import EvidenceError
from muniment.records.names import SeriesId
from muniment.validation.suites import SUITES, suite_name


class _Later(ModuleType):
    """A module that is imported when something of it is first used."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self.__name__), name)


# A third of the time in which Great Expectations is imported goes here, for expectations that no suite of ours has.
_SCIPY = importlib.import_module("scipy")
if "stats" not in vars(_SCIPY):
    _SCIPY.stats = _Later("scipy.stats")  # type: ignore[attr-defined]

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "module 'sre_(constants|parse)' is deprecated", DeprecationWarning)
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )
    from great_expectations.expectations.core.expect_column_values_to_be_between import ExpectColumnValuesToBeBetween


def find_broken(series: SeriesId, numbers: Mapping[str, int | None]) -> set[str]:
    """Return the codes of the rules of *series* that *numbers* break. None breaks none.

    Raises:
        EvidenceError: a rule could not be applied.
    """
    return set(_broken(series, tuple(numbers[rule.metric] for rule in SUITES[series])))


@lru_cache(maxsize=256)
def _broken(series: SeriesId, numbers: tuple[int | None, ...]) -> frozenset[str]:
    # The same numbers break the same rules, and to ask takes a tenth of a second.
    frame = pd.DataFrame([numbers], columns=[rule.metric for rule in SUITES[series]], dtype="float64")
    outcome = _definition(series).run(batch_parameters={"dataframe": frame}, result_format="BOOLEAN_ONLY")
    if raised := [_code(result) for result in outcome.results if _has_raised(result)]:
        raise EvidenceError(f"{suite_name(series)}: rules {', '.join(sorted(raised))} could not be applied")
    return frozenset(_code(result) for result in outcome.results if not result.success)


def _code(result: Any) -> str:
    return str(result.expectation_config.meta["code"])


def _has_raised(result: Any) -> bool:
    # One exception is a flat mapping; several are a mapping of such mappings.
    told = result.exception_info or {}
    return bool(told.get("raised_exception", bool(told)))


def build_suite(series: SeriesId) -> gx.ExpectationSuite:
    """Return the suite of *series*. Each expectation carries its rule in ``meta``."""
    return gx.ExpectationSuite(
        name=suite_name(series),
        expectations=[
            ExpectColumnValuesToBeBetween(
                column=rule.metric,
                max_value=0,
                meta={
                    "code": rule.code,
                    "sentence": rule.type.sentence,
                    "ground": rule.type.ground,
                    "stops_seal": rule.stops_seal,
                },
            )
            for rule in SUITES[series]
        ],
    )


@cache
def _definition(series: SeriesId) -> Any:
    context = _context()
    suite = context.suites.add(build_suite(series))
    asset = context.data_sources.get("metrics").get_asset("metrics")
    definition = gx.ValidationDefinition(name=series, data=asset.get_batch_definition("row"), suite=suite)
    return context.validation_definitions.add(definition)


@cache
def _context() -> Any:
    # In memory throughout: no file, no progress bar, nothing sent anywhere.
    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False),
        ),
    )
    asset = context.data_sources.add_pandas("metrics").add_dataframe_asset("metrics")
    asset.add_batch_definition_whole_dataframe("row")
    return context
