#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a page of section 5 of a document in Markdown: manual_page.py LOWDOWN DOCUMENT NAME SUMMARY > PAGE"""
import re
import subprocess
import sys


def cells(line):
    return [c.strip() for c in re.split(r'(?<!\\)\|', line.strip().strip('|'))]


def without_tables(text):
    """A terminal is too narrow for tables: a row becomes an item that names its columns."""
    out, header, fence = [], None, False
    for line in text.split('\n'):
        fence ^= line.startswith('```')
        if fence or not line.startswith('|'):
            header = None
            out.append(line)
        elif header is None:
            header = cells(line)
            out.append('')
        elif not re.fullmatch(r'[|:\- ]+', line):
            first, *rest = cells(line)
            named = [f'{h}: {c}' if h and i + 1 < len(rest) else c for i, (h, c) in enumerate(zip(header[1:], rest)) if c]
            out.append(f'- {first}: ' + '; '.join(named))
    return '\n'.join(out)


lowdown, document, name, summary = sys.argv[1:]
source = open(document, encoding='utf-8').read()
# Of links to other documents the words stay.
source = re.sub(r'\[([^]]+)\]\((?!https?:)[^)]*\)', r'\1', source)
source = re.sub(r'^# .*\n', '', without_tables(source), count=1, flags=re.M)
page = subprocess.run([lowdown, '-Tman'], input=source, text=True, capture_output=True, check=True).stdout
page = page.replace('\\fC', '\\fB')
print(f'.TH {name.upper()} 5 "" "dragoman" "dragoman"\n.SH NAME\n{name} \\- {summary}\n{page}.SH SEE ALSO\n.BR dragoman (1)')
