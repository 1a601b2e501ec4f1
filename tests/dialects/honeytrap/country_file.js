// SPDX-License-Identifier: Apache-2.0
// Makes small country databases in the MaxMind DB format, version 2.0: a search tree over the bits of an IPv6 address (IPv4 stands below ::/96),
// 16 zero bytes, the data, and the metadata.
'use strict';

const bytes = (...values) => Buffer.from(values);
const map = (members) => bytes(0xe0 | members);
// Up to 28 bytes.
const text = (value) => Buffer.concat([bytes(0x40 | value.length), Buffer.from(value)]);
function number(value, size) {
  const out = Buffer.alloc(size);
  out.writeUIntBE(value, 0, size);
  return out;
}

// The 16 bytes of an IPv4 address, or of an IPv6 address written in full.
function addressBytes(address) {
  if (address.includes('.')) return [...Buffer.alloc(12), ...address.split('.').map(Number)];
  return address.split(':').flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]);
}

// entries: [address, bits of its prefix, code]; no prefix may stand inside of another.
function countryFile(entries) {
  const nodes = [[null, null]];
  let data = Buffer.alloc(0);
  for (const [address, bits, code] of entries) {
    const prefix = address.includes('.') ? bits + 96 : bits, octets = addressBytes(address);
    let node = nodes[0];
    for (let bit = 0; bit < prefix; ++bit) {
      const side = (octets[bit >> 3] >> (7 - (bit & 7))) & 1;
      if (bit + 1 === prefix) {
        node[side] = { data: data.length };
      } else {
        if (!node[side]) {
          node[side] = { node: nodes.length };
          nodes.push([null, null]);
        }
        node = nodes[node[side].node];
      }
    }
    data = Buffer.concat([data, map(1), text('country'), map(1), text('iso_code'), text(code)]);
  }
  const record = (to) => number(!to ? nodes.length : 'node' in to ? to.node : nodes.length + 16 + to.data, 3);
  return Buffer.concat([
    ...nodes.flatMap(([left, right]) => [record(left), record(right)]), Buffer.alloc(16), data,
    bytes(0xab, 0xcd, 0xef), Buffer.from('MaxMind.com'), map(9),
    text('node_count'), bytes(0xc4), number(nodes.length, 4), text('record_size'), bytes(0xa1, 24), text('ip_version'), bytes(0xa1, 6),
    text('database_type'), text('Test-Country'), text('languages'), bytes(0, 4), text('binary_format_major_version'), bytes(0xa1, 2),
    text('binary_format_minor_version'), bytes(0xa0), text('build_epoch'), bytes(1, 2, 1), text('description'), map(0),
  ]);
}

module.exports = { countryFile };
