import type { PluginDeclaration } from '../api.ts'

/** Source: reference tsung-protocols.md, 11. */
export const mqttDeclaration: PluginDeclaration = {
  type: 'ts_mqtt',
  requestElement: 'mqtt',
  doc: 'MQTT 3.1',
  elements: [
    {
      name: 'mqtt',
      parents: ['request'],
      content: 'text',
      since: '1.5.1',
      doc: 'a step of the MQTT protocol; the text is what type="publish" publishes',
      attributes: {
        type: {
          type: 'identifier',
          required: true,
          doc: 'connect, publish, subscribe, unsubscribe, disconnect, waitForMessages',
        },
        client_id: {
          type: 'string',
          substitutable: true,
          since: '1.8.0',
          doc: 'connect: who; without it, tsung- and 10 random letters',
        },
        username: { type: 'string', substitutable: true, doc: 'connect: the user name' },
        password: { type: 'string', substitutable: true, doc: 'connect: the password' },
        clean_start: {
          type: 'identifier',
          default: 'true',
          doc: 'connect: forget what was before',
        },
        keepalive: { type: 'number', unit: 's', default: '10', doc: 'connect: time between pings' },
        will_topic: { type: 'string', default: '', doc: 'connect: where the will is published' },
        will_msg: { type: 'string', default: '', doc: 'connect: what the will says' },
        will_qos: { type: 'number', default: '0', doc: 'connect: quality of service of the will' },
        will_retain: {
          type: 'boolean',
          anyWord: true,
          default: 'false',
          doc: 'connect: keep the will',
        },
        topic: {
          type: 'string',
          default: '',
          substitutable: true,
          doc: 'publish, subscribe, unsubscribe: the topic',
        },
        qos: { type: 'number', default: '0', doc: 'publish, subscribe: quality of service' },
        retained: { type: 'boolean', default: 'false', doc: 'publish: keep the message' },
        stamped: {
          type: 'boolean',
          default: 'false',
          since: '1.8.0',
          doc: 'publish: put the time before the text, so that the way to a subscriber is measured',
        },
        timeout: { type: 'number', unit: 's', default: '1', doc: 'waitForMessages: how long' },
      },
    },
  ],
  options: [],
  counters: [
    { name: 'mqtt_connected', kind: 'count', isError: false, doc: 'connections' },
    { name: 'mqtt_disconnected', kind: 'count', isError: false, doc: 'disconnections' },
    { name: 'mqtt_published', kind: 'count', isError: false, doc: 'messages published' },
    {
      name: 'mqtt_server_pubacked',
      kind: 'count',
      isError: false,
      doc: 'messages that the server acknowledged',
    },
    {
      name: 'mqtt_server_published',
      kind: 'count',
      isError: false,
      doc: 'messages that the server published',
    },
    { name: 'mqtt_pubacked', kind: 'count', isError: false, doc: 'messages acknowledged' },
    {
      name: 'mqtt_forward_latency',
      kind: 'sample',
      isError: false,
      doc: 'ms from publish to subscriber',
    },
  ],
  defaults: { persistent: true, bidi: true },
  transports: ['tcp', 'ssl', 'websocket', 'websocket_ssl'],
}
