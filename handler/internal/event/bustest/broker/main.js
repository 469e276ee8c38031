'use strict';
// A Service Bus namespace in memory, as far as azservicebus needs one: AMQP 1.0
// without TLS on a free port of 127.0.0.1, which it prints as its first line.
// The one argument is JSON: {"queues": [..], "topics": {topic: [subscriptions]},
// "lock": milliseconds, "maxDeliveries": n}. It ends when its standard input does.
const rhea = require('rhea');
const Connection = require('rhea/lib/connection.js');
const { Entities } = require('./entities.js');
const { manage } = require('./management.js');

process.stdin.on('end', () => process.exit(0)).on('error', () => process.exit(0)).resume();

// go-amqp ends a session that it never began when its caller gave up in
// between. Service Bus ignores that, rhea would close the connection.
const onEnd = Connection.prototype.on_end;
Connection.prototype.on_end = function (frame) {
  if (this.remote_channel_map[frame.channel]) onEnd.call(this, frame);
};

const entities = new Entities(JSON.parse(process.argv[2]));
const container = rhea.create_container({ id: 'bustest' });
container.sasl_server_mechanisms.enable_anonymous();

const management = '/$management';
const path = (address) => String(address ?? '').replace(/^amqps?:\/\/[^/]*/, '').replace(/^\//, '').toLowerCase();
const isService = (at) => at === '$cbs' || at.endsWith(management);
const entityOf = (at) => entities.find(at.endsWith(management) ? at.slice(0, -management.length) : at);

// admit refuses a link to what is not there, or that no token was put for.
function admit(link, at) {
  if (at === '$cbs') return true;
  if (!link.connection.claims?.has(at)) {
    link.close({ condition: 'amqp:unauthorized-access', description: `no token for ${at}` });
    return false;
  }
  if (!entityOf(at)) {
    link.close({ condition: 'amqp:not-found', description: `no entity ${at}` });
    return false;
  }
  return true;
}

// go-amqp insists that an answer to attach repeats the modes that it asked for.
function repeatModes(link) {
  link.local.attach.snd_settle_mode = link.snd_settle_mode;
  link.local.attach.rcv_settle_mode = link.rcv_settle_mode;
}

container.on('receiver_open', ({ receiver }) => { // the peer sends
  const { target } = receiver;
  receiver.at = path(target?.address);
  if (!admit(receiver, receiver.at)) return;
  receiver.set_source({ address: receiver.source?.address });
  receiver.set_target({ address: target.address });
  repeatModes(receiver);
});

container.on('sender_open', ({ sender, connection }) => { // the peer receives
  const { source, target } = sender;
  const at = path(source?.address);
  if (!admit(sender, at)) return;
  sender.set_source({ address: source.address });
  sender.set_target({ address: target?.address });
  repeatModes(sender);
  if (isService(at)) {
    connection.replies ??= new Map();
    connection.replies.set(target.address, sender);
  } else {
    sender.queue = entityOf(at);
    sender.queue.open(sender);
  }
});

container.on('sendable', ({ sender }) => sender.queue?.serve());

const drop = (gone) => entities.queues().forEach((queue) => queue.drop(gone));
container.on('sender_close', ({ sender }) => drop((link) => link === sender));
container.on('session_close', ({ session }) => drop((link) => link.session === session));
container.on('connection_close', ({ connection }) => drop((link) => link.connection === connection));
container.on('disconnected', ({ connection }) => drop((link) => link.connection === connection));
for (const event of ['connection_error', 'session_error', 'sender_error', 'receiver_error', 'protocol_error', 'error']) {
  container.on(event, () => {}); // the peer's affair; the closing that follows counts
}

container.on('message', ({ message, receiver, delivery, connection, format }) => {
  if (isService(receiver.at)) {
    delivery.accept();
    reply(connection, message, serve(receiver.at, message, connection));
    return;
  }
  unpack(message, format).forEach((one) => entityOf(receiver.at).put(one));
  delivery.accept();
});

function serve(at, message, connection) {
  if (at !== '$cbs') return manage(entityOf(at), message);
  const { operation, name } = message.application_properties;
  if (operation !== 'put-token' || !message.body) return { code: 401, text: 'no token' };
  connection.claims ??= new Set();
  connection.claims.add(path(name));
  return { code: 202, text: 'Accepted' };
}

function reply(connection, request, { code, text, body, condition }) {
  const properties = { statusCode: rhea.types.wrap_int(code), statusDescription: text };
  if (condition) properties['error-condition'] = rhea.types.wrap_symbol(condition);
  connection.replies?.get(request.reply_to)
    ?.send({ correlation_id: request.message_id, application_properties: properties, body });
}

// unpack returns the messages of a transfer: in Service Bus's batch format every
// data section holds an encoded one.
function unpack(message, format) {
  if (!format) return [message];
  const { body } = rhea.message.decode(message);
  return (body.multiple ? body.content : [body.content]).map((one) => rhea.message.decode(one));
}

// A receiver's outcome is confirmed, or refused when the lock is lost.
function settle(outcome, properties = () => undefined) {
  return ({ sender, delivery }) => {
    if (!delivery.token) return;
    const kept = sender.queue.settle(delivery.token, outcome, properties(delivery.remote_state));
    const state = kept ? rhea.message.accepted() : rhea.message.rejected({ error: {
      condition: 'com.microsoft:message-lock-lost', description: 'the lock is lost' } });
    delivery.token = undefined;
    delivery.update(true, state.described());
    delivery.remote_settled = true; // the peer never says so itself
  };
}

container.on('accepted', settle('completed'));
container.on('released', settle('released'));
container.on('modified', settle('failed'));
container.on('rejected', settle('rejected', (state) => ({ ...state.error?.info })));

const server = container.listen({
  host: '127.0.0.1', port: 0, autosettle: false, autoaccept: false, treat_modified_as_released: false,
  max_frame_size: 65536, channel_max: 65535, idle_time_out: 240000,
  receiver_options: { max_message_size: 262144 },
});
server.on('connection', (socket) => socket.setNoDelay(true)); // else Nagle costs 40 ms an answer
server.on('listening', () => console.log(server.address().port));
