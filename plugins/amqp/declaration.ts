import type { PluginDeclaration } from '../api.ts'

/** Source: reference tsung-protocols.md, 12. */
export const amqpDeclaration: PluginDeclaration = {
  type: 'ts_amqp',
  requestElement: 'amqp',
  doc: 'AMQP 0-9-1',
  elements: [
    {
      name: 'amqp',
      parents: ['request'],
      content: 'text',
      since: '1.5.0',
      doc: 'a step of the AMQP protocol',
      attributes: {
        type: {
          type: 'string',
          required: true,
          doc: 'connection.open, channel.open, confirm.select, basic.qos, basic.publish, basic.consume, waitForConfirms, waitForMessages, channel.close, connection.close',
        },
        vhost: { type: 'string', default: '/', doc: 'connection.open: the virtual host' },
        channel: {
          type: 'string',
          default: '1',
          doc: 'the channel; for channel.open the default is 0: the next free one',
        },
        exchange: { type: 'string', default: '', doc: 'basic.publish: the exchange' },
        routing_key: {
          type: 'string',
          default: '/',
          substitutable: true,
          doc: 'basic.publish: the routing key',
        },
        payload: {
          type: 'string',
          default: '',
          substitutable: true,
          doc: 'basic.publish: the message',
        },
        payload_size: {
          type: 'number',
          onlyWith: { attribute: 'type', values: ['basic.publish'] },
          unit: 'bytes',
          default: '100',
          doc: 'basic.publish: size of a message that is made up, if there is no payload',
        },
        prefetch_size: {
          type: 'number',
          onlyWith: { attribute: 'type', values: ['basic.qos'] },
          default: '0',
          doc: 'basic.qos: bytes ahead',
        },
        prefetch_count: {
          type: 'number',
          onlyWith: { attribute: 'type', values: ['basic.qos'] },
          default: '0',
          doc: 'basic.qos: messages ahead',
        },
        persistent: { type: 'string', default: 'false', doc: 'basic.publish: the server keeps it' },
        queue: { type: 'string', default: '', doc: 'basic.consume: the queue' },
        ack: { type: 'string', default: 'false', doc: 'basic.consume: acknowledge messages' },
        timeout: {
          type: 'number',
          onlyWith: { attribute: 'type', values: ['waitForConfirms', 'waitForMessages'] },
          unit: 's',
          default: '1',
          doc: 'waitForConfirms: how long; for waitForMessages the default is 60',
        },
      },
    },
  ],
  options: [
    {
      name: 'username',
      doc: 'who connects',
      attributes: { value: { type: 'string', default: 'guest', doc: 'the user name' } },
    },
    {
      name: 'password',
      doc: 'the password of that user',
      attributes: { value: { type: 'string', default: 'guest', doc: 'the password' } },
    },
    {
      name: 'heartbeat',
      doc: 'time between heartbeats',
      attributes: { value: { type: 'number', unit: 's', default: '600', doc: 'the time' } },
    },
  ],
  counters: [
    { name: 'amqp_connected', kind: 'count', isError: false, doc: 'connections opened' },
    { name: 'amqp_closed', kind: 'count', isError: false, doc: 'connections closed' },
    { name: 'amqp_channel_opened', kind: 'count', isError: false, doc: 'channels opened' },
    { name: 'amqp_channel_closed', kind: 'count', isError: false, doc: 'channels closed' },
    { name: 'amqp_published', kind: 'count', isError: false, doc: 'messages published' },
    { name: 'amqp_consumer', kind: 'count', isError: false, doc: 'consumers started' },
    { name: 'amqp_delivered', kind: 'count', isError: false, doc: 'messages delivered' },
    { name: 'amqp_confirmed', kind: 'count', isError: false, doc: 'messages confirmed' },
    { name: 'amqp_unconfirmed', kind: 'count', isError: false, doc: 'messages refused' },
    { name: 'amqp_error', kind: 'count', isError: false, doc: 'frames that cannot be read' },
    {
      name: 'amqp_unexpected',
      kind: 'count',
      isError: false,
      doc: 'frames that nobody waited for',
    },
  ],
  defaults: { persistent: true, bidi: false },
  transports: ['tcp', 'ssl'],
}
