'use strict';
// What azservicebus asks of <entity>/$management. Each answer is a status code,
// its text, a body, and an error condition.
const { types } = require('rhea');
const { encode } = require('./queue.js');

const lost = { code: 410, text: 'the lock is lost', condition: 'com.microsoft:message-lock-lost' };

const outcomes = { completed: 'completed', abandoned: 'failed', suspended: 'rejected' };

const operations = {
  'com.microsoft:renew-lock': (queue, { 'lock-tokens': tokens }) => {
    const ends = tokens.map((token) => queue.extend(hex(token)));
    if (ends.includes(undefined)) return lost;
    return { code: 200, text: 'OK', body: { expirations: types.wrap_array(ends, 0x83) } };
  },

  'com.microsoft:update-disposition': (queue, body) => {
    const properties = {
      DeadLetterReason: body['deadletter-reason'] ?? '',
      DeadLetterErrorDescription: body['deadletter-description'] ?? '',
    };
    const outcome = outcomes[body['disposition-status']];
    const settled = body['lock-tokens'].every((token) => queue.settle(hex(token), outcome, properties));
    return settled ? { code: 200, text: 'OK', body: {} } : lost;
  },

  'com.microsoft:peek-message': (queue, { 'from-sequence-number': from, 'message-count': count }) => {
    const found = queue.all().filter((entry) => entry.number >= Number(from)).slice(0, Number(count));
    if (found.length === 0) return { code: 204, text: 'nothing there' };
    return { code: 200, text: 'OK', body: { messages: found.map((entry) => ({ message: encode(entry) })) } };
  },
};

// hex turns a token's UUID into the delivery's tag: the first three groups of a
// .NET GUID's bytes are in the other order.
function hex(uuid) {
  const b = Buffer.from(uuid);
  b.subarray(0, 4).reverse();
  b.subarray(4, 6).reverse();
  b.subarray(6, 8).reverse();
  return b.toString('hex');
}

function manage(queue, message) {
  const operation = operations[message.application_properties.operation];
  if (!operation) return { code: 501, text: 'no such operation' };
  return operation(queue, message.body);
}

module.exports = { manage };
