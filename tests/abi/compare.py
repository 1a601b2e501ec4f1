#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the plugin boundary with the one that was released.

  compare.py INCLUDE BASELINE.xml           exit code 1 and a line for each change that breaks a plugin
  compare.py INCLUDE BASELINE.xml --write   makes the baseline

What is compared is what a compiler made of the headers (abidw of libabigail on a probe with debug information). A
struct that says its size may get further members behind its last one, unless it is an element of arrays; every other
change breaks plugins that are there. Constants leave no trace in debug information: see constants.c.
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET


def probe_source(include):
    headers = sorted(p.relative_to(include).as_posix() for p in (include / 'dragoman').rglob('*.h'))
    text = ''.join((include / h).read_text() for h in headers)
    names = re.findall(r'typedef struct (dgm_\w+) \{', text) + re.findall(r'typedef [\w ]+ \(\*(dgm_\w+)\)\(', text)
    lines = [f'#include <{h}>' for h in headers]
    lines += [f'{n}* probe_{n}(void);\n{n}* probe_{n}(void) {{ return 0; }}' for n in names]
    return '\n'.join(lines) + '\n'


def dump(include, out):
    with tempfile.TemporaryDirectory() as directory:
        source, library = pathlib.Path(directory, 'probe.c'), pathlib.Path(directory, 'probe.so')
        source.write_text(probe_source(include))
        subprocess.run(['gcc', '-std=c11', '-g', '-shared', '-fPIC', f'-I{include}', source, '-o', library], check=True)
        subprocess.run(['abidw', '--no-show-locs', '--no-corpus-path', '--no-comp-dir-path', '--out-file', out, library],
                       check=True)


class Boundary:
    """The types that the probe's functions reach, each as text or as a list of members."""

    def __init__(self, path):
        root = ET.parse(path).getroot()
        self.types = {e.get('id'): e for e in root.iter() if e.get('id')}
        self.structs = {}
        self.arrays = set()
        self.names = {}
        for function in root.iter('function-decl'):
            if function.get('name', '').startswith('probe_'):
                returned = self.types[function.find('return').get('type-id')]
                self.names[function.get('name')[6:]] = self.text(returned.get('type-id'))

    def text(self, type_id):
        e = self.types[type_id]
        if e.tag == 'pointer-type-def':
            return self.text(e.get('type-id')) + '*'
        if e.tag == 'qualified-type-def':
            return self.text(e.get('type-id')) + ' const'
        if e.tag == 'array-type-def':
            return f"{self.text(e.get('type-id'))}[{e.get('size-in-bits')}]"
        if e.tag == 'function-type':
            parameters = [self.text(p.get('type-id')) for p in e.findall('parameter')]
            for parameter, following in zip(parameters, parameters[1:]):
                if parameter.endswith(' const*') and following == 'size_t':
                    self.arrays.add(parameter.removesuffix(' const*'))
            return f"{self.text(e.find('return').get('type-id'))}({', '.join(parameters)})"
        if e.tag == 'class-decl':
            self.add(e)
            return e.get('name')
        if e.tag == 'typedef-decl':
            below = self.text(e.get('type-id'))
            # uint32_t and the like stand for themselves, whatever the system makes them of.
            return below if e.get('name').startswith('dgm_') else e.get('name')
        return e.get('name')

    def add(self, e):
        name = e.get('name')
        if name in self.structs or e.get('is-declaration-only') == 'yes':
            return
        self.structs[name] = None
        members = [(int(m.get('layout-offset-in-bits')), m.find('var-decl').get('name'),
                    self.text(m.find('var-decl').get('type-id'))) for m in e.findall('data-member')]
        self.structs[name] = (int(e.get('size-in-bits')), members)


def differences(old, new):
    for name, (size, members) in sorted(old.structs.items()):
        if name not in new.structs:
            yield f'{name} is gone'
            continue
        new_size, new_members = new.structs[name]
        for i, (offset, member, kind) in enumerate(members):
            if i >= len(new_members) or new_members[i][1] != member:
                yield f'{name}: where {member} was there is {new_members[i][1] if i < len(new_members) else "nothing"}'
                break
            if new_members[i][0] != offset:
                yield f'{name}.{member} has moved'
            if new_members[i][2] != kind:
                yield f'{name}.{member} was {kind} and is {new_members[i][2]}'
        added = new_members[len(members):]
        if added and not any(member == 'size' for _, member, _ in members):
            yield f'{name} does not say its size, so it must not grow'
        if added and name in old.arrays:
            yield f'{name} is handed over in arrays, so it must not grow'
        for offset, member, _ in added:
            if offset < size:
                yield f'{name}.{member} stands where older plugins have padding'
        if not added and new_size != size:
            yield f'{name} has another size'
    for name, text in sorted(old.names.items()):
        if name not in new.names:
            yield f'{name} is gone'
        elif new.names[name] != text:
            yield f'{name} was {text} and is {new.names[name]}'


def main():
    include, baseline = pathlib.Path(sys.argv[1]), sys.argv[2]
    if sys.argv[3:] == ['--write']:
        return dump(include, baseline)
    with tempfile.TemporaryDirectory() as directory:
        now = pathlib.Path(directory, 'now.xml')
        dump(include, now)
        found = list(differences(Boundary(baseline), Boundary(now)))
    print('\n'.join(found), end='\n' if found else '')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
