import type { CounterDeclaration, PluginDeclaration } from '../api.ts'

/** Source: reference tsung-protocols.md, 15. */
export const fsDeclaration: PluginDeclaration = {
  type: 'ts_fs',
  requestElement: 'fs',
  doc: 'files on the machine that makes the load',
  elements: [
    {
      name: 'fs',
      parents: ['request'],
      content: 'empty',
      doc: 'does something with a file',
      attributes: {
        cmd: {
          type: 'enum',
          values: [
            'read',
            'write',
            'open',
            'delete',
            'stat',
            'copy',
            'read_chunk',
            'write_chunk',
            'close',
            'make_dir',
            'del_dir',
            'make_symlink',
          ],
          default: 'write',
          doc: 'what is done',
        },
        path: { type: 'string', substitutable: true, doc: 'the file' },
        size: {
          type: 'integer',
          unit: 'bytes',
          default: '1024',
          doc: 'write, read_chunk, write_chunk: how much',
        },
        position: { type: 'integer', doc: 'ignored: chunks follow each other' },
        mode: {
          type: 'enum',
          values: ['read', 'write', 'append'],
          default: 'write',
          doc: 'open: what for',
        },
        dest: { type: 'string', substitutable: true, doc: 'make_symlink: the new link' },
      },
    },
  ],
  options: [],
  counters: [
    'open',
    'close',
    'pread',
    'pwrite',
    'read',
    'write',
    'stat',
    'mkdir',
    'del_dir',
    'mksymlink',
  ].map(failed),
  defaults: { persistent: true, bidi: false },
  transports: ['erlang'],
}

function failed(what: string): CounterDeclaration {
  return { name: `error_fs_${what}`, kind: 'count', isError: true, doc: `${what} that failed` }
}
