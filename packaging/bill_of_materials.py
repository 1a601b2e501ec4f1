#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes what the given programs and plugins are made of, as SPDX 2.3 in JSON. What they are linked with is asked of
the files, versions and licences of the Debian packages that own those; the same input gives the same bytes.

bill_of_materials.py --version VERSION --output FILE BINARY...
"""
import argparse
import datetime
import hashlib
import json
import os
import re
import subprocess

# Header-only: nothing in the binaries tells of them.
HEADERS = {'libboost1.81-dev': 'Boost 1.81 headers', 'libcli11-dev': 'CLI11 headers'}

# Their copyright files are prose.
GCC = 'GPL-3.0-or-later WITH GCC-exception-3.1'
UNREADABLE = {'libc6': 'LGPL-2.1-or-later', 'libgcc-s1': GCC, 'libstdc++6': GCC}

# Short names of Debian's copyright files that SPDX calls otherwise.
LICENCES = {
    'Apache-2': 'Apache-2.0', 'Apache-2.0': 'Apache-2.0', 'Artistic': 'Artistic-1.0-Perl', 'BSD-2-clause': 'BSD-2-Clause', 'BSD-2-Clause': 'BSD-2-Clause',
    'BSD-3-clause': 'BSD-3-Clause', 'BSD-3-Clause': 'BSD-3-Clause', 'BSL-1.0': 'BSL-1.0', 'Boost-1.0': 'BSL-1.0', 'Expat': 'MIT',
    'GPL-2': 'GPL-2.0-only', 'GPL-2+': 'GPL-2.0-or-later', 'GPL-3': 'GPL-3.0-only', 'GPL-3+': 'GPL-3.0-or-later',
    'LGPL-2+': 'LGPL-2.0-or-later', 'LGPL-2.1': 'LGPL-2.1-only', 'LGPL-2.1+': 'LGPL-2.1-or-later', 'LGPL-3': 'LGPL-3.0-only',
    'LGPL-3+': 'LGPL-3.0-or-later', 'MIT': 'MIT', 'PostgreSQL': 'PostgreSQL', 'Zlib': 'Zlib', 'zlib': 'Zlib', 'ISC': 'ISC',
    'X11': 'X11', 'EPL-1.0': 'EPL-1.0', 'EPL-2.0': 'EPL-2.0', 'MPL-1.1': 'MPL-1.1', 'OpenSSL': 'OpenSSL',
}


def output_of(*command):
    return subprocess.run(command, text=True, capture_output=True, check=True, env={**os.environ, 'LC_ALL': 'C'}).stdout


def libraries_of(binary):
    """The files that the loader opens for the names in the dynamic section, without what those need in turn."""
    needed = re.findall(r'NEEDED\s+(\S+)', output_of('objdump', '-p', binary))
    found = dict(re.findall(r'(\S+) => (/\S+)', output_of('ldd', binary)))
    missing = [name for name in needed if name not in found and not name.startswith('ld-linux')]
    if missing:
        raise SystemExit(f'bill_of_materials: {binary}: not found: {", ".join(missing)}')
    return [found[name] for name in needed if name in found]


def owner_of(path):
    # A merged /usr has two names for each file, and dpkg knows one of them.
    real = os.path.realpath(path)
    for name in dict.fromkeys([path, real, re.sub('^/usr', '', real), '/usr' + path]):
        found = subprocess.run(['dpkg-query', '-S', name], text=True, capture_output=True)
        if found.returncode == 0:
            return found.stdout.split(':')[0]
    raise SystemExit(f'bill_of_materials: no package owns {path}')


def package(name):
    form = '${Version}\t${source:Package}\t${source:Version}\t${Homepage}\t${Maintainer}\n'
    version, source, source_version, homepage, maintainer = output_of('dpkg-query', '-W', '-f', form, name).split('\n')[0].split('\t')
    return {'version': version, 'source': source, 'source_version': source_version, 'homepage': homepage, 'maintainer': maintainer}


def licences(name):
    """Of the library as such, and of single files beside; as its machine-readable copyright file names them."""
    try:
        with open(f'/usr/share/doc/{name}/copyright', encoding='utf-8', errors='replace') as file:
            text = file.read()
    except OSError:
        text = ''
    whole, single = set(), set()
    for paragraph in re.split(r'\n\s*\n', text):
        files = re.search(r'^Files:(.*(?:\n\s.*)*)', paragraph, re.M)
        licence = re.search(r'^License:[ \t]*(\S.*)', paragraph, re.M)
        if files and licence:
            (whole if '*' in files.group(1).split() else single).add(licence.group(1).strip())
    return sorted(whole), sorted(single - whole)


def expression(names, extracted):
    terms = []
    for text in names:
        for name in re.split(r'\s+(?:and|or)\s+|\s*,\s*', text):
            if not name:
                continue
            if name in LICENCES:
                terms.append(LICENCES[name])
                continue
            reference = 'LicenseRef-debian-' + re.sub(r'[^A-Za-z0-9.]+', '-', name).strip('-')
            extracted[reference] = name
            terms.append(reference)
    return ' AND '.join(dict.fromkeys(sorted(terms)))


def spdx_id(*words):
    return 'SPDXRef-' + re.sub(r'[^A-Za-z0-9.]+', '-', '-'.join(words)).strip('-')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--version', required=True)
    parser.add_argument('--output', required=True)
    parser.add_argument('binaries', nargs='+')
    options = parser.parse_args()

    packages, relations, extracted = [], [], {}

    def add(identity, name, version, **members):
        packages.append({'SPDXID': identity, 'name': name, 'versionInfo': version, 'downloadLocation': 'NOASSERTION',
                         'filesAnalyzed': False, 'copyrightText': 'NOASSERTION', **members})

    def relate(a, kind, b):
        relations.append({'spdxElementId': a, 'relationshipType': kind, 'relatedSpdxElement': b})

    used = set(HEADERS)
    for binary in sorted(options.binaries, key=os.path.basename):
        name = os.path.basename(binary)
        own = spdx_id('dragoman', name)
        add(own, 'dragoman' if name == 'dragoman' else f'dragoman plugin {name.removesuffix(".so")}', options.version,
            licenseDeclared='Apache-2.0', licenseConcluded='Apache-2.0', packageFileName=name,
            primaryPackagePurpose='APPLICATION' if name == 'dragoman' else 'LIBRARY', supplier='Organization: dragoman maintainers')
        relate('SPDXRef-DOCUMENT', 'DESCRIBES', own)
        owners = {owner_of(path) for path in libraries_of(binary)}
        used |= owners
        for owner in sorted(owners):
            relate(own, 'DYNAMIC_LINK', spdx_id('Debian', owner))
        for headers in sorted(HEADERS):
            relate(spdx_id('Debian', headers), 'BUILD_DEPENDENCY_OF', own)
    for name in sorted(used):
        known = package(name)
        whole, single = licences(name)
        declared = UNREADABLE.get(name) or expression(whole, extracted)
        if not declared:
            raise SystemExit(f'bill_of_materials: the copyright file of {name} names no licence; add it to UNREADABLE')
        maintainer = re.sub(r'\s*<(.*)>', r' (\1)', known['maintainer'])
        members = {'licenseDeclared': declared, 'licenseConcluded': 'NOASSERTION',
                   'supplier': f'Organization: {maintainer}', 'primaryPackagePurpose': 'LIBRARY',
                   'externalRefs': [{'referenceCategory': 'PACKAGE-MANAGER', 'referenceType': 'purl',
                                     'referenceLocator': f'pkg:deb/debian/{name}@{known["version"].replace("+", "%2B")}'}],
                   'sourceInfo': f'built from {known["source"]} {known["source_version"]}'}
        if known['homepage']:
            members['homepage'] = known['homepage']
        if single:
            members['licenseComments'] = 'single files of the source: ' + ', '.join(single)
        if name in HEADERS:
            members['comment'] = f'{HEADERS[name]}, compiled into the binaries'
        add(spdx_id('Debian', name), name, known['version'], **members)

    content = {'packages': packages, 'relationships': relations}
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    epoch = int(os.environ.get('SOURCE_DATE_EPOCH', '0'))
    created = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    document = {
        'spdxVersion': 'SPDX-2.3', 'dataLicense': 'CC0-1.0', 'SPDXID': 'SPDXRef-DOCUMENT', 'name': f'dragoman-{options.version}',
        'documentNamespace': f'https://dragoman.invalid/spdx/dragoman-{options.version}-{digest}',
        'creationInfo': {'created': created, 'creators': ['Organization: dragoman maintainers', 'Tool: bill_of_materials.py']},
        **content,
        'hasExtractedLicensingInfos': [
            {'licenseId': reference, 'name': name, 'extractedText': f'"{name}" of the copyright file of the Debian package'}
            for reference, name in sorted(extracted.items())],
    }
    with open(options.output, 'w', encoding='utf-8') as file:
        json.dump(document, file, indent=1)
        file.write('\n')


main()
