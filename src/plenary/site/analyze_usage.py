"""What ``plenary analyze`` refuses or notes before the work begins: options and places that were hardly meant so."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opinion import Votes


def check_usage(args: argparse.Namespace) -> None:
    """Refuse options that would do nothing, and - where a file name is meant."""
    from opinion import InputError

    if args.picture is not None and args.svg is None:
        raise InputError("--picture says what --svg draws; give a file name with --svg.")
    given = {
        "VOTES": args.votes,
        "--statements": args.statements,
        "--attributes": args.attributes,
        "--margins": args.margins,
        "--exposure": args.exposure,
        "--previous": args.previous,
    }
    for name, path in given.items():
        if path == Path("-"):
            raise InputError(f"{name}: - is no file here; for what comes through a pipe write /dev/stdin.")
    for name, path in {"--json": args.json, "--html": args.html, "--svg": args.svg}.items():
        if path == Path("-"):
            raise InputError(f"{name}: - is no file here; to write into a pipe give /dev/stdout.")


def language(text: str) -> str:
    """A BCP 47 tag by its form: a language of two or three letters (or a longer one), then subtags of up to eight."""
    if not re.fullmatch(r"(?:[A-Za-z]{2,3}|[A-Za-z]{5,8}|[xXiI])(?:-[A-Za-z0-9]{1,8})*", text) or _is_odd(
        text
    ):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a language tag; something like en, pt-BR or zh-Hant was expected"
        )
    return text


def _is_odd(tag: str) -> bool:
    """Subtags whose form RFC 5646 does not know; of the letters that open an extension t, u and x are registered."""
    first, *rest = tag.lower().split("-")
    if len(first) == 1:
        return not rest
    for at, part in enumerate(rest):
        if len(part) == 1:
            return part not in "tux" or at + 1 == len(rest)
        script, region = len(part) == 4, len(part) == 2 and part.isalpha()
        extended, number = len(part) == 3 and part.isalpha() and at < 3, len(part) == 3 and part.isdigit()
        if script and not (part.isalpha() or part[0].isdigit()):
            return True
        if not (script or region or extended or number or len(part) >= 5):
            return True
    return False


def strange_to(previous: bytes | None, path: Path | None, votes: Votes) -> list[str]:
    """A note where an earlier result has hardly a statement in common with these votes."""
    if previous is None:
        return []
    before = {str(one.get("id")) for one in json.loads(previous)["statements"] if isinstance(one, dict)}
    now = set(votes.statement_ids.tolist())
    common, fewer = len(before & now), min(len(before), len(now))
    if 2 * common >= fewer:
        return []
    return [
        f"{path}: {common:,} of its {len(before):,} statements are among the {len(now):,} voted on here; is it of the "
        "same conversation? Letters and directions follow it as far as they can."
    ]


def _header_of(path: Path) -> list[str]:
    """Names of the columns of a CSV file, empty where it cannot be told."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            return [name.strip().strip('"') for name in file.readline(1000).split(",")]
    except (OSError, UnicodeDecodeError):
        return []


def check_place(path: Path) -> None:
    """Say what was probably meant where a file or a folder is given in place of the other."""
    from opinion import InputError, Problem

    if path.is_file() and {"voter-id", "comment-id"} <= set(_header_of(path)):
        message = f"this is a file of a Polis export; give its folder instead ({path.absolute().parent})."
        raise InputError(Problem(str(path), None, None, message))
    if not path.is_dir() or (path / "comments.csv").exists():
        return
    votes = path / "votes.csv"
    if {"participant_id", "statement_id", "vote"} <= set(_header_of(votes)):
        message = f"this folder is no Polis export, but it holds a file of votes; give {votes} instead."
        raise InputError(Problem(str(path), None, None, message))
