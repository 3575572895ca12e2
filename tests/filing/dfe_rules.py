"""Runs the DfE's rules over files of the collection, in the environment that `make validator` makes, and prints what they
say as JSON. Never imported: that environment knows nothing of Waymark.

stdin: {"year": "2026", "this": [files], "prev": [files], "rules": [codes] or null}
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from typing import Any

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

from lac_validator import lac_validator  # type: ignore[import-not-found]  # noqa: E402
from lac_validator.rules.ruleset_utils import get_year_ruleset  # type: ignore[import-not-found]  # noqa: E402
from lac_validator.utils import process_uploaded_files  # type: ignore[import-not-found]  # noqa: E402


def _apart(tables: dict[str, Any]) -> dict[str, Any]:
    """Rules share the columns of a shallow copy, and 361 and 362 write an end into every open placement: what then runs
    sees placements that have ended, and refuses a child who is still missing (575, 577).
    """
    return {name: held if name == "metadata" else held.copy(deep=True) for name, held in tables.items()}


def main() -> None:
    asked = json.load(sys.stdin)
    lac_validator.copy_datastore = _apart
    given = {"This year": asked["this"]}
    if asked["prev"]:
        given["Prev year"] = asked["prev"]
    found = lac_validator.LacValidator(
        metadata={"collectionYear": asked["year"], "localAuthority": "E09000023"},
        files=process_uploaded_files(given),
        registry=get_year_ruleset(asked["year"]),
        selected_rules=asked["rules"],
    )
    missing = found.ds_results["Missing"]
    columns = [name for name in missing.columns if name.startswith("ERR_")]
    rows = missing.to_dict("records")
    wrong = {
        number: [name.removeprefix("ERR_") for name in columns if row[name] is True]
        for number, row in enumerate(rows)
        if any(row[name] is True for name in columns)
    }
    json.dump({"rows": len(rows), "wrong": wrong, "fails": list(found.fails), "skips": list(found.skips)}, sys.stdout)


if __name__ == "__main__":
    main()
