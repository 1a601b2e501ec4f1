// SPDX-License-Identifier: Apache-2.0
'use strict';
const { deadline } = require('../support/client');

// What comes, in order, with a place to wait for it.
class Inbox {
  constructor() { Object.assign(this, { kept: [], waiting: [] }); }
  put(item) { (this.waiting.shift() ?? ((i) => this.kept.push(i)))(item); }
  next(what = 'a message') { return this.kept.length ? this.kept.shift() : deadline(new Promise((r) => this.waiting.push(r)), what); }
}

module.exports = Inbox;
