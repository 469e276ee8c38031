'use strict';
// The namespace: topics with their subscriptions, and queues, by path. Service
// Bus does not tell upper from lower case in paths.
const { Queue } = require('./queue.js');

class Entities {
  constructor({ queues, topics, lock, maxDeliveries }) {
    this.byPath = new Map();
    this.add = (path) => this.addQueue(path, { lock, maxDeliveries });
    for (const queue of queues) this.add(queue);
    for (const [topic, subscriptions] of Object.entries(topics)) this.addTopic(topic, subscriptions);
  }

  addQueue(path, { lock, maxDeliveries }) {
    const deadLetters = new Queue({ lock });
    const queue = new Queue({ lock, maxDeliveries, deadLetters });
    this.byPath.set(path.toLowerCase(), queue);
    this.byPath.set(`${path}/$DeadLetterQueue`.toLowerCase(), deadLetters);
    return queue;
  }

  addTopic(topic, subscriptions) {
    const queues = subscriptions.map((name) => this.add(`${topic}/Subscriptions/${name}`));
    this.byPath.set(topic.toLowerCase(), { put: (message) => queues.forEach((q) => q.put({ ...message })) });
  }

  find(path) {
    return this.byPath.get(path);
  }

  // queues returns all that links can receive from.
  queues() {
    return [...this.byPath.values()].filter((entity) => entity instanceof Queue);
  }
}

module.exports = { Entities };
