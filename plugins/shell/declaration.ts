import type { PluginDeclaration } from '../api.ts'

/** Source: reference tsung-protocols.md, 14. */
export const shellDeclaration: PluginDeclaration = {
  type: 'ts_shell',
  requestElement: 'shell',
  doc: 'commands on the machine that makes the load',
  elements: [
    {
      name: 'shell',
      parents: ['request'],
      content: 'empty',
      doc: 'runs a command',
      attributes: {
        cmd: { type: 'string', required: true, substitutable: true, doc: 'the command' },
        args: { type: 'string', default: '', substitutable: true, doc: 'its arguments' },
      },
    },
  ],
  options: [],
  counters: [],
  defaults: { persistent: true, bidi: false },
  transports: ['erlang'],
}
