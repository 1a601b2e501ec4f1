# SPDX-License-Identifier: Apache-2.0
"""Prints results: a table for people, or one JSON object a line."""

import json
import sys


def progress(text):
    print(text, file=sys.stderr, flush=True)


class Report:
    """Rows as they come with --json, else a table at the end. A column is (key, title, format)."""

    def __init__(self, columns, as_json):
        self.columns = columns
        self.as_json = as_json
        self.rows = []

    def add(self, row):
        if self.as_json:
            print(json.dumps(row), flush=True)
        self.rows.append(row)

    def finish(self):
        if self.as_json or not self.rows:
            return
        table = [[title for _, title, _ in self.columns]]
        for row in self.rows:
            table.append(["" if row.get(key) is None else format(row[key], form) for key, _, form in self.columns])
        widths = [max(len(line[i]) for line in table) for i in range(len(self.columns))]
        for line in table:
            cells = [cell.ljust(width) if i < 2 else cell.rjust(width)
                     for i, (cell, width) in enumerate(zip(line, widths))]
            print("  ".join(cells).rstrip())
