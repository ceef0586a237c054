import type { PluginDeclaration } from '../api.ts'
import { checkLdap } from './check.ts'

/** Source: reference tsung-protocols.md, 10. */
export const ldapDeclaration: PluginDeclaration = {
  type: 'ts_ldap',
  requestElement: 'ldap',
  doc: 'LDAP version 3',
  elements: [
    {
      name: 'ldap',
      parents: ['request'],
      content: 'elements',
      model: '(attr* | modification*)',
      doc: 'an LDAP operation',
      attributes: {
        type: {
          type: 'enum',
          required: true,
          values: ['bind', 'unbind', 'search', 'start_tls', 'add', 'modify'],
          doc: 'the operation',
        },
        user: { type: 'string', substitutable: true, doc: 'bind: who' },
        password: { type: 'string', substitutable: true, doc: 'bind: the password' },
        base: { type: 'string', substitutable: true, doc: 'search: where' },
        scope: {
          type: 'enum',
          values: ['singleLevel', 'baseObject', 'wholeSubtree'],
          doc: 'search: how deep',
        },
        filter: { type: 'string', substitutable: true, doc: 'search: a filter (RFC 4515)' },
        result_var: { type: 'string', doc: 'search: the variable for the result' },
        dn: { type: 'string', substitutable: true, doc: 'add, modify: the entry' },
        cacertfile: { type: 'path', doc: 'start_tls: certificates of authorities' },
        keyfile: { type: 'path', doc: 'start_tls: the private key' },
        certfile: { type: 'path', doc: 'start_tls: the certificate' },
      },
    },
    {
      name: 'modification',
      parents: ['ldap'],
      content: 'elements',
      model: '(attr*)',
      doc: 'a change of an entry',
      attributes: { type: { type: 'string', required: true, doc: 'add, delete or replace' } },
    },
    {
      name: 'attr',
      parents: ['ldap', 'modification'],
      content: 'elements',
      model: '(value+)',
      doc: 'an attribute of an entry',
      attributes: { type: { type: 'string', required: true, doc: 'its name' } },
    },
    {
      name: 'value',
      parents: ['attr'],
      content: 'text',
      doc: 'a value of the attribute',
      attributes: {},
    },
  ],
  options: [],
  counters: [
    { name: 'ldap_bind_ok', kind: 'count', isError: false, doc: 'binds' },
    { name: 'ldap_bind_error', kind: 'count', isError: false, doc: 'binds that were refused' },
    { name: 'ldap_add_error', kind: 'count', isError: false, doc: 'adds that were refused' },
    { name: 'ldap_modify_error', kind: 'count', isError: false, doc: 'changes that were refused' },
    { name: 'ldap_starttls_error', kind: 'count', isError: false, doc: 'TLS that was refused' },
    {
      name: 'ldap_unexpected_msg_resp',
      kind: 'count',
      isError: false,
      doc: 'answers that nobody waited for',
    },
  ],
  defaults: { persistent: true, bidi: false },
  transports: ['tcp', 'ssl'],
  checkRequest: checkLdap,
}
