import type { PluginDeclaration } from '../api.ts'

/** Source: reference tsung-protocols.md, 9. */
export const mysqlDeclaration: PluginDeclaration = {
  type: 'ts_mysql',
  requestElement: 'mysql',
  doc: 'MySQL',
  elements: [
    {
      name: 'mysql',
      parents: ['request'],
      content: 'text',
      doc: 'a step of the MySQL protocol; the text is the query of type="sql"',
      attributes: {
        type: {
          type: 'enum',
          required: true,
          values: ['connect', 'authenticate', 'sql', 'close'],
          doc: 'the step',
        },
        username: { type: 'string', substitutable: true, doc: 'authenticate: who' },
        password: { type: 'string', substitutable: true, doc: 'authenticate: the password' },
        database: { type: 'string', substitutable: true, doc: 'authenticate: the database' },
      },
    },
  ],
  options: [],
  counters: [
    {
      name: 'error_mysql_NNN',
      kind: 'count',
      isError: true,
      doc: 'errors of the server by their number',
    },
    {
      name: 'error_mysql_badpacket',
      kind: 'count',
      isError: true,
      doc: 'packets that cannot be read',
    },
  ],
  defaults: { persistent: true, bidi: false },
  transports: ['tcp'],
}
