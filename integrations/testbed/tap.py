"""Tests as sentences, reported as TAP. `run()` exits 1 when one fails."""
import os
import shutil
import sys
import traceback

_tests = []


class Skip(Exception):
    """Why a test could not be done here."""


def test(sentence):
    def register(body):
        _tests.append((sentence, body))
        return body

    return register


def rows(sentence, cases):
    """One test for each row; `sentence` is filled with the row's name."""

    def register(body):
        for name, *row in cases:
            _tests.append((sentence.format(name), lambda row=row: body(*row)))
        return body

    return register


def tool(name):
    """The path of a program that `scripts/setup --tests` installs. In CI it has to be there."""
    path = shutil.which(name)
    if path:
        return path
    why = f"{name} is missing; run: make setup-tests"
    raise AssertionError(why) if os.environ.get("CI") else Skip(why)


def check(condition, *what):
    if not condition:
        raise AssertionError("\n".join(str(part) for part in what))


def equal(found, expected, *what):
    check(found == expected, f"expected: {expected!r}", f"   found: {found!r}", *what)


def run():
    only = os.environ.get("ONLY", "")
    chosen = [entry for entry in _tests if only in entry[0]]
    print(f"1..{len(chosen)}", flush=True)
    failed = 0
    for number, (sentence, body) in enumerate(chosen, 1):
        try:
            body()
            print(f"ok {number} - {sentence}", flush=True)
        except Skip as reason:
            print(f"ok {number} - {sentence} # SKIP {reason}", flush=True)
        except Exception as failure:  # a test that breaks is a test that fails
            failed += 1
            print(f"not ok {number} - {sentence}")
            text = str(failure) if isinstance(failure, AssertionError) and str(failure) else traceback.format_exc(limit=-2)
            print("\n".join("# " + line for line in text.splitlines()), flush=True)
    sys.exit(1 if failed or not chosen else 0)
