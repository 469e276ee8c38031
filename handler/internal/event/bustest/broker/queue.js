'use strict';
// One queue, subscription or dead-letter queue: messages that wait, in order,
// and messages that a receiver has locked.
const { randomBytes } = require('node:crypto');
const { message: codec, types } = require('rhea');

class Queue {
  constructor({ lock, maxDeliveries, deadLetters }) {
    Object.assign(this, { lock, maxDeliveries, deadLetters });
    this.last = 0;
    this.waiting = [];
    this.locked = new Map(); // lock token in hex -> entry
    this.links = [];
  }

  put(message) {
    this.waiting.push({ number: ++this.last, message, failures: 0, enqueued: Date.now() });
    this.serve();
  }

  // all returns what is in the queue, locked or not, by sequence number.
  all() {
    return [...this.waiting, ...this.locked.values()].sort((a, b) => a.number - b.number);
  }

  open(link) {
    this.links.push(link);
    this.serve();
  }

  drop(gone) {
    this.links = this.links.filter((link) => !gone(link));
  }

  // serve hands waiting messages to the links in turn, as far as their credit goes.
  serve() {
    while (this.waiting.length > 0) {
      const i = this.links.findIndex(hasRoom);
      if (i < 0) return;
      const [link] = this.links.splice(i, 1);
      this.links.push(link);
      this.deliver(this.waiting.shift(), link);
    }
  }

  deliver(entry, link) {
    if (link.snd_settle_mode === 1) { // receive and delete
      link.send(encode(entry), randomBytes(16), 0).update(true);
      return;
    }
    const tag = randomBytes(16);
    entry.token = tag.toString('hex');
    this.locked.set(entry.token, entry);
    this.extend(entry.token);
    link.send(encode(entry), tag, 0).token = entry.token;
  }

  // extend renews a lock and returns its new end, or nothing when the lock is lost.
  extend(token) {
    const entry = this.locked.get(token);
    if (!entry) return undefined;
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => this.settle(token, 'failed'), this.lock);
    entry.until = Date.now() + this.lock;
    return entry.until;
  }

  // settle ends a lock with an outcome: completed, released, failed or rejected
  // (with properties for the dead letter). It is false when the lock is lost.
  settle(token, outcome, properties) {
    const entry = this.locked.get(token);
    if (!entry) return false;
    clearTimeout(entry.timer);
    this.locked.delete(token);
    if (outcome === 'rejected') this.bury(entry, properties);
    else if (outcome === 'failed') this.fail(entry);
    else if (outcome === 'released') this.putBack(entry);
    return true;
  }

  fail(entry) {
    entry.failures++;
    if (!this.deadLetters || entry.failures < this.maxDeliveries) return this.putBack(entry);
    return this.bury(entry, {
      DeadLetterReason: 'MaxDeliveryCountExceeded',
      DeadLetterErrorDescription: `not settled in ${this.maxDeliveries} deliveries`,
    });
  }

  putBack(entry) {
    const i = this.waiting.findIndex((other) => other.number > entry.number);
    this.waiting.splice(i < 0 ? this.waiting.length : i, 0, entry);
    this.serve();
  }

  bury({ message }, properties) {
    const all = { ...message.application_properties, ...properties };
    this.deadLetters?.put({ ...message, application_properties: all });
  }
}

// hasRoom counts what rhea has queued but not sent, which its own credit does
// not; a receiver of azservicebus has a session to itself.
function hasRoom(link) {
  if (!link.is_open() || !link.sendable()) return false;
  const out = link.session.outgoing;
  return link.credit > out.next_delivery_id - out.next_pending_delivery;
}

function encode({ message, number, failures, enqueued, until }) {
  const annotations = {
    ...message.message_annotations,
    'x-opt-sequence-number': types.wrap_long(number),
    'x-opt-enqueued-time': types.wrap_timestamp(enqueued),
  };
  if (until) annotations['x-opt-locked-until'] = types.wrap_timestamp(until);
  return codec.encode({ ...message, delivery_count: failures, message_annotations: annotations });
}

module.exports = { Queue, encode };
