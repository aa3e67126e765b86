"""The data sets in a terminal: a table of them, and fetching ahead of a class."""

import argparse
import io
import sys

from . import DatasetError, available, fetch, names, size, where
from .catalogue import CATALOGUE


def table() -> str:
    """Return a table: name, size, whether it is here, licence, what it is and first address of each set."""
    rows = [("NAME", "SIZE", "HERE", "LICENCE", "WHAT IT IS", "URL")]
    for entry in CATALOGUE.values():
        here = all(available(entry.name, language=language) for language in entry.languages or (None,))
        rows.append(
            (
                entry.name,
                size(entry.name),
                "yes" if here else "no",
                entry.licence,
                entry.title,
                entry.downloads[0].urls[0] if entry.downloads else entry.source,
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 if all went well, 1 if a data set could not be had, 2 for a wrong name."""
    parser = argparse.ArgumentParser(
        prog="python -m mini_dl.course.datasets",
        description="Without arguments: a table of the course's data sets. Files are kept in a cache folder, "
        "or in the folder named by the environment variable MINI_DL_DATA.",
    )
    commands = parser.add_subparsers(dest="command", metavar="")
    fetching = commands.add_parser("fetch", help="download data sets ahead of a class")
    fetching.add_argument("names", nargs="+", metavar="NAME", help="names of data sets, or: all")
    options = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a console without × must not stop the command
    if options.command is None:
        print(table())
        print(f"\nFiles are in {where()}")
        return 0
    wanted = names() if options.names == ["all"] else options.names
    unknown = [name for name in wanted if name not in names()]
    if unknown:
        print(f"no data set: {', '.join(unknown)}; there are: {', '.join(names())}", file=sys.stderr)
        return 2
    failed = []
    for name in wanted:
        try:
            fetch(name)
        except DatasetError as error:
            print(error, file=sys.stderr)
            failed.append(name)
        else:
            print(f"{name}: here (download: {size(name)})")
    if failed:
        print(f"not fetched: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
