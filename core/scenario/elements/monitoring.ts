/** Elements for watching the servers: read and checked, not played yet. */
import type { ElementDeclaration } from '../declaration.ts'

export const monitoringElements: readonly ElementDeclaration[] = [
  {
    name: 'monitoring',
    parents: ['tsung'],
    content: 'elements',
    model: '(monitor+)',
    doc: 'machines whose load is watched during the test; not supported yet',
    attributes: {},
  },
  {
    name: 'monitor',
    parents: ['monitoring'],
    content: 'elements',
    model: '(snmp | munin | mysqladmin)?',
    doc: 'a machine that is watched; one sample every 10 s',
    attributes: {
      host: { type: 'string', token: true, required: true, doc: 'name or address' },
      type: {
        type: 'enum',
        values: ['snmp', 'erlang', 'munin'],
        default: 'erlang',
        doc: 'how its load is asked for',
      },
      batch: {
        type: 'boolean',
        default: 'false',
        doc: 'host names a scheduler, whose machines are all watched',
      },
    },
  },
  {
    name: 'snmp',
    parents: ['monitor'],
    content: 'elements',
    model: '(oid*)',
    doc: 'how an SNMP agent is asked',
    attributes: {
      version: { type: 'enum', values: ['v1', 'v2'], default: 'v2', doc: 'of the protocol' },
      community: { type: 'string', token: true, default: 'public', doc: 'the community' },
      port: { type: 'integer', default: '161', doc: 'UDP port of the agent' },
    },
  },
  {
    name: 'oid',
    parents: ['snmp'],
    content: 'empty',
    doc: 'one more value that is asked for',
    attributes: {
      value: { type: 'string', token: true, required: true, doc: 'the object, e.g. 1.3.6.1.2.1.1' },
      name: { type: 'identifier', token: true, required: true, doc: 'its name in the statistics' },
      type: {
        type: 'enum',
        values: ['sample', 'counter', 'sum'],
        default: 'sample',
        doc: 'how its values are put together',
      },
      eval: { type: 'string', doc: 'Erlang function over the value' },
    },
  },
  {
    name: 'munin',
    parents: ['monitor'],
    content: 'empty',
    doc: 'how a Munin node is asked',
    attributes: { port: { type: 'integer', default: '4949', doc: 'TCP port of the node' } },
  },
  {
    name: 'mysqladmin',
    parents: ['monitor'],
    content: 'empty',
    doc: 'how a MySQL server is asked for its threads and questions',
    attributes: {
      port: { type: 'integer', default: '3306', doc: 'its port' },
      username: { type: 'string', token: true, default: 'root', doc: 'who asks' },
      password: { type: 'string', token: true, doc: 'the password of that user' },
    },
  },
]
