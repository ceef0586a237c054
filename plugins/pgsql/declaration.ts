import type { PluginDeclaration } from '../api.ts'
import { checkPgsql } from './check.ts'

/** Source: reference tsung-protocols.md, 8. */
export const pgsqlDeclaration: PluginDeclaration = {
  type: 'ts_pgsql',
  requestElement: 'pgsql',
  doc: 'PostgreSQL',
  elements: [
    {
      name: 'pgsql',
      parents: ['request'],
      content: 'text',
      doc: 'a message of the PostgreSQL protocol; the text is its query or data',
      attributes: {
        type: {
          type: 'enum',
          required: true,
          values: [
            'connect',
            'authenticate',
            'sql',
            'close',
            'bind',
            'parse',
            'cancel',
            'call',
            'sync',
            'execute',
            'describe',
            'flush',
            'copy',
            'copydone',
            'copyfail',
          ],
          doc: 'the message; Tsung refuses cancel, call and copyfail',
        },
        username: { type: 'string', substitutable: true, doc: 'connect: who' },
        password: { type: 'string', substitutable: true, doc: 'authenticate: the password' },
        database: { type: 'string', substitutable: true, doc: 'connect: the database' },
        query: { type: 'string', doc: 'ignored: the text is the query' },
        name_portal: { type: 'string', doc: 'bind, describe, execute: the portal' },
        name_prepared: { type: 'string', doc: 'parse, bind, describe: the prepared statement' },
        parameters: {
          type: 'string',
          doc: 'parse: type numbers, bind: values, with commas between',
        },
        formats: {
          type: 'identifier',
          onlyWith: { attribute: 'type', values: ['bind'] },
          doc: 'bind: format of all parameters: none, text, binary or auto',
        },
        formats_results: {
          type: 'string',
          doc: 'bind: text or binary for each column, with commas between',
        },
        max_rows: {
          type: 'integer',
          onlyWith: { attribute: 'type', values: ['execute'] },
          default: '0',
          doc: 'execute: rows, at most; 0: all',
        },
        contents_from_file: { type: 'path', doc: 'copy: a file with the data' },
      },
    },
  ],
  options: [],
  counters: [
    { name: 'error_pgsql', kind: 'count', isError: true, doc: 'errors of the server' },
    {
      name: 'pgsql_failed_transaction',
      kind: 'count',
      isError: false,
      doc: 'answers inside a transaction that failed',
    },
  ],
  defaults: { persistent: true, bidi: false },
  transports: ['tcp'],
  checkRequest: checkPgsql,
}
