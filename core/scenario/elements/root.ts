/** Elements of the scenario's frame: machines that play and machines that are played against. */
import type { ElementDeclaration } from '../declaration.ts'

export const rootElements: readonly ElementDeclaration[] = [
  {
    name: 'tsung',
    parents: [],
    content: 'elements',
    model: '(information?, clients, servers, monitoring?, load, options?, thresholds?, sessions)',
    doc: 'the scenario',
    attributes: {
      loglevel: {
        type: 'enum',
        values: ['emergency', 'critical', 'error', 'warning', 'notice', 'info', 'debug'],
        default: 'notice',
        doc: 'how much controller and launchers log',
      },
      dumptraffic: {
        type: 'enum',
        values: ['true', 'false', 'light', 'protocol', 'protocol_local'],
        default: 'false',
        doc: 'whether requests and answers are written to tsung.dump',
      },
      backend: {
        type: 'enum',
        values: ['text', 'json', 'rrdtool', 'fullstats'],
        default: 'text',
        doc: 'format of the statistics log; rrdtool is text',
      },
      version: { type: 'string', token: true, doc: 'ignored' },
    },
  },
  {
    name: 'information',
    parents: ['tsung'],
    content: 'elements',
    model: '(name | description | username | organisation)*',
    doc: 'what the scenario is for; ignored',
    attributes: {},
  },
  note('name', 'title of the scenario'),
  note('description', 'what it is for'),
  note('username', 'who wrote it'),
  note('organisation', 'for whom'),
  {
    name: 'clients',
    parents: ['tsung'],
    content: 'elements',
    model: '(client+)',
    doc: 'the machines that make the load',
    attributes: {},
  },
  {
    name: 'client',
    parents: ['clients'],
    content: 'elements',
    model: '(ip* | iprange)',
    doc: 'a machine that makes load',
    attributes: {
      host: {
        type: 'string',
        token: true,
        doc: 'name or address of the machine; required unless type="batch"',
      },
      weight: { type: 'integer', default: '1', doc: 'its share of the load' },
      cpu: {
        type: 'integer',
        values: ['auto'],
        default: '1',
        min: 1,
        doc: 'launchers on the machine, which share its weight; auto (ours): one per core',
      },
      maxusers: {
        type: 'integer',
        default: '800',
        doc: 'users that a launcher plays at the same time before another one takes over',
      },
      use_controller_vm: {
        type: 'boolean',
        default: 'false',
        doc: 'play on this machine with one launcher; holds for the clients that follow, too',
      },
      type: {
        type: 'enum',
        values: ['machine', 'batch'],
        default: 'machine',
        doc: 'batch: the machines are those that a scheduler gave to the job',
      },
      batch: {
        type: 'enum',
        values: ['torque', 'pbs', 'lsf', 'oar'],
        doc: 'the scheduler, for type="batch"',
      },
      scan_intf: {
        type: 'string',
        token: true,
        doc: 'for type="batch": every launcher uses the addresses of this interface',
      },
    },
  },
  {
    name: 'ip',
    parents: ['client'],
    content: 'empty',
    doc: 'a source address of the users; several are taken in turn',
    attributes: {
      value: {
        type: 'string',
        token: true,
        required: true,
        doc: 'an address or name, resolve (the machine’s own name), or with scan an interface',
      },
      scan: {
        type: 'boolean',
        default: 'false',
        doc: 'value is an interface: every IPv4 address it has is used',
      },
    },
  },
  {
    name: 'iprange',
    parents: ['client'],
    content: 'empty',
    since: '1.7.0',
    doc: 'source addresses, one drawn for each user',
    attributes: {
      value: {
        type: 'ip_range',
        token: true,
        required: true,
        doc: 'IPv4, each part a number or two with a dash, e.g. 172.28.1-20.0-254',
      },
      version: { type: 'string', token: true, default: 'v4', doc: 'ignored: IPv4 only' },
    },
  },
  {
    name: 'thresholds',
    parents: ['tsung'],
    content: 'elements',
    model: '(threshold+)',
    since: 'tsts',
    doc: 'when a run has failed, or is ended early',
    attributes: {},
  },
  {
    name: 'threshold',
    parents: ['thresholds'],
    content: 'empty',
    since: 'tsts',
    doc: 'a condition on what is measured, as with --fail-if and --abort-if: one of the two',
    attributes: {
      fail_if: { type: 'string', doc: 'the run has failed, e.g. p99(request) > 250ms' },
      abort_if: {
        type: 'string',
        doc: 'the run has failed and ends at once, e.g. error_rate > 10% over 30s',
      },
    },
  },
  {
    name: 'servers',
    parents: ['tsung'],
    content: 'elements',
    model: '(server+)',
    doc: 'the machines that are tested',
    attributes: {},
  },
  {
    name: 'server',
    parents: ['servers'],
    content: 'empty',
    doc: 'a machine that is tested; each user draws one when it starts',
    attributes: {
      host: { type: 'string', token: true, required: true, doc: 'name or address' },
      port: { type: 'integer', required: true, doc: 'its port' },
      type: {
        type: 'enum',
        required: true,
        values: [
          'ssl',
          'tcp',
          'udp',
          'erlang',
          'ssl6',
          'tcp6',
          'udp6',
          'bosh',
          'bosh_ssl',
          'websocket',
          'websocket_ssl',
        ],
        doc: 'how users connect; erlang: a function here instead of a connection',
      },
      weight: { type: 'number', default: '1', doc: 'its share of the users' },
    },
  },
]

function note(name: string, doc: string): ElementDeclaration {
  return { name, parents: ['information'], content: 'text', doc: `${doc}; ignored`, attributes: {} }
}
