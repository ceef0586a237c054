/** Elements that set options, for all sessions or from a place in a session on. */
import type { ElementDeclaration, PluginDeclaration } from '../declaration.ts'

/** Protocols of Tsung that have options, or may be named there. */
const typesOfTsung: readonly string[] = ['ts_http', 'ts_jabber', 'ts_pgsql', 'ts_amqp']

/** The protocols that `<option type=…>` may name. */
export function typesWithOptions(
  plugins: readonly Pick<PluginDeclaration, 'type' | 'options'>[],
): readonly string[] {
  const others = plugins.filter(({ type, options }) => {
    return options.length > 0 && !typesOfTsung.includes(type)
  })
  return [...typesOfTsung, ...others.map(({ type }) => type)]
}

/** @param optionTypes what `<option type=…>` may say */
export function optionElements(optionTypes: readonly string[]): readonly ElementDeclaration[] {
  return [
    optionsElement,
    optionElement(optionTypes),
    userAgentElement,
    setOptionElement,
    certificateElement,
  ]
}

const optionsElement: ElementDeclaration = {
  name: 'options',
  parents: ['tsung'],
  content: 'elements',
  model: '(option*)',
  doc: 'options for all sessions',
  attributes: {},
}

function optionElement(types: readonly string[]): ElementDeclaration {
  return {
    name: 'option',
    parents: ['options'],
    content: 'elements',
    model: '(user_agent*)',
    doc: 'an option; tsts help NAME tells what it does',
    attributes: {
      name: { type: 'string', token: true, required: true, doc: 'name of the option' },
      type: {
        type: 'enum',
        values: types,
        doc: 'the protocol it is for; without it, all',
      },
      value: { type: 'string', doc: 'its value' },
      id: {
        type: 'identifier',
        token: true,
        default: 'default',
        doc: 'for file_server and local_file_server',
      },
      min: { type: 'integer', doc: 'for thinktime and ports_range' },
      max: { type: 'integer', doc: 'for thinktime, ports_range and rate_limit' },
      random: { type: 'boolean', default: 'false', doc: 'for thinktime' },
      override: { type: 'boolean', default: 'false', doc: 'for thinktime' },
    },
  }
}

const userAgentElement: ElementDeclaration = {
  name: 'user_agent',
  parents: ['option', 'set_option'],
  content: 'text',
  doc: 'a value of the User-Agent header; each user draws one',
  attributes: {
    probability: { type: 'integer', required: true, unit: '%', doc: 'how often; all make 100' },
  },
}

const setOptionElement: ElementDeclaration = {
  name: 'set_option',
  parents: ['session'],
  content: 'elements',
  model: '(user_agent* | certificate)',
  since: '1.4.0',
  doc: 'sets connect_timeout, rate_limit or certificate from here on',
  attributes: {
    name: { type: 'string', token: true, required: true, doc: 'name of the option' },
    type: {
      type: 'enum',
      values: ['ts_http', 'ts_jabber', 'ts_pgsql'],
      doc: 'no protocol has such an option',
    },
    value: { type: 'string', substitutable: true, doc: 'its value' },
    id: { type: 'identifier', doc: 'of no use here' },
    min: { type: 'integer', doc: 'of no use here' },
    max: {
      type: 'integer',
      onlyWith: { attribute: 'name', values: ['rate_limit'] },
      substitutable: true,
      doc: 'for rate_limit',
    },
  },
}

const certificateElement: ElementDeclaration = {
  name: 'certificate',
  parents: ['set_option'],
  content: 'empty',
  since: '1.5.1',
  doc: 'the client certificate of the next TLS connections; closes the current one',
  attributes: {
    cacertfile: { type: 'path', substitutable: true, doc: 'certificates of authorities, PEM' },
    keyfile: { type: 'path', substitutable: true, doc: 'the private key, PEM' },
    keypass: { type: 'string', substitutable: true, doc: 'the passphrase of the key' },
    certfile: { type: 'path', substitutable: true, doc: 'the certificate, PEM' },
  },
}
