// SPDX-License-Identifier: Apache-2.0
// What the program says of its own command line: completions and the page of the manual know every command and option.
'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const { program } = require('../support/gateway');

const said = (...args) => execFileSync(program, args, { encoding: 'utf8' });

// Every command as its --help tells of it: {path, commands, options}.
function commands(path = []) {
  const help = said(...path, '--help');
  const below = [...(help.split('\nSubcommands:\n')[1] || '').split('\n\n')[0].matchAll(/^ {2}(\S+) {2,}/gm)].map((m) => m[1]);
  const options = [...help.split('\nOptions:\n')[1].split('\n\n')[0].matchAll(/^ {2}(-\S+)/gm)].flatMap((m) => m[1].split(','));
  return [{ path, commands: below, options }, ...below.flatMap((name) => commands([...path, name]))];
}
const all = commands();

test('completion: the help is understood here', () => {
  assert.ok(all.length >= 10);
  assert.deepStrictEqual(all.find((c) => c.path.join(' ') === 'token').commands, ['jwt', 'show']);
  assert.ok(all.find((c) => c.path[0] === 'serve').options.includes('--config'));
});

const bash = (words) => execFileSync('bash', ['-c', `${said('completion', 'bash')}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _dragoman; printf '%s\\n' "\${COMPREPLY[@]}"`, 'bash', ...words], { encoding: 'utf8', cwd: __dirname })
  .split('\n').filter(Boolean);

test('completion: bash offers every command and option, and what an option takes', () => {
  for (const command of all) {
    const offered = bash(['dragoman', ...command.path, '']);
    for (const word of [...command.commands, ...command.options]) assert.ok(offered.includes(word), `${command.path.join(' ')} ${word}`);
  }
  assert.deepStrictEqual(bash(['dragoman', 'se']), ['serve', 'sessions']);
  assert.deepStrictEqual(bash(['dragoman', 'publish', '--format', 'b']), ['bodies']);
  assert.deepStrictEqual(bash(['dragoman', 'serve', '--config', 'completion.t']), ['completion.test.js']);
  assert.deepStrictEqual(bash(['dragoman', 'check', 'completion.t']), ['completion.test.js']);
  assert.deepStrictEqual(bash(['dragoman', 'completion', '']).filter((word) => !word.startsWith('-')), ['bash', 'zsh', 'fish']);
  assert.deepStrictEqual(bash(['dragoman', 'publish', '--key', '']), []);
});

test('completion: zsh and fish are told of every command and option', () => {
  const zsh = said('completion', 'zsh'), fish = said('completion', 'fish');
  for (const { path, commands: below, options } of all) {
    const name = ['_dragoman', ...path].join('_');
    const body = zsh.split(`\n${name}() {`)[1].split('\n}\n')[0];
    for (const option of options) assert.ok(body.includes(`${option}[`), `zsh: ${name} ${option}`);
    for (const command of below) assert.ok(body.includes(`'${command}:`), `zsh: ${name} ${command}`);
    const condition = path.length ? path.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ') : '__fish_use_subcommand';
    const lines = fish.split('\n').filter((line) => line.includes(`-n '${condition}'`)).join('\n');
    for (const option of options) assert.ok(lines.includes(option.replace(/^--/, ' -l ').replace(/^-(?=\w)/, ' -s ')), `fish: ${condition} ${option}`);
    for (const command of below) assert.ok(lines.includes(`-a ${command} `), `fish: ${command}`);
  }
});

test('completion: the page of the manual has every command and option', () => {
  const sections = said('manual').replaceAll('\\-', '-').split(/^\.S[HS] /m);
  for (const { path, options } of all) {
    const section = sections.find((text) => text.startsWith(path.length ? `\\fBdragoman ${path.join(' ')}\\fR` : 'OPTIONS'));
    assert.ok(section, path.join(' '));
    for (const option of options) assert.ok(section.includes(`\\fB${option}\\fR`), `${path.join(' ')} ${option}`);
  }
});
