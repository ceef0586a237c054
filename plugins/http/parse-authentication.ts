/** `<www_authenticate>` and `<oauth>`. Source: reference tsung-protocols.md, 3.2 and 3.3. */
import type { ParseContext, ScenarioElement } from '../api.ts'
import type { Authorization, OAuth } from './data.ts'

const substituted: { readonly [element: string]: readonly string[] } = {
  www_authenticate: ['userid', 'passwd', 'realm', 'nonce', 'opaque', 'qop', 'cnonce', 'nc'],
  oauth: ['access_token', 'access_token_secret'],
}

/** Undefined after a report. */
export function parseAuthorization(
  element: ScenarioElement | undefined,
  context: ParseContext,
): Authorization | null | undefined {
  if (element === undefined) return null
  checkMarkers(element, context)
  const { attributes } = element
  const userid = attributes.get('userid')!
  const passwd = attributes.get('passwd')!
  if (attributes.get('type') !== 'digest') return { type: 'basic', userid, passwd }
  const realm = attributes.get('realm')
  const nonce = attributes.get('nonce')
  if (realm === undefined || nonce === undefined) {
    const text = 'a digest needs realm and nonce: Tsung’s user would end here with error_unknown'
    const hint =
      'take them from the answer before: <dyn_variable name="nonce" header="www-authenticate/nonce"/>'
    context.unplayable('U_UNUSABLE', text, element.position, hint)
    return undefined
  }
  return {
    type: 'digest',
    userid,
    passwd,
    realm,
    nonce,
    opaque: attributes.get('opaque') ?? null,
    qop: attributes.get('qop') ?? null,
    cnonce: attributes.get('cnonce') ?? null,
    nc: attributes.get('nc') ?? null,
  }
}

/** Undefined after a report. */
export function parseOAuth(
  element: ScenarioElement | undefined,
  context: ParseContext,
): OAuth | null | undefined {
  if (element === undefined) return null
  checkMarkers(element, context)
  const { attributes } = element
  const method = (attributes.get('method') ?? 'HMAC-SHA1') as OAuth['method']
  const secret = attributes.get('consumer_secret')!
  const consumerSecret = method === 'RSA-SHA1' ? keyOf(element, secret, context) : secret
  if (consumerSecret === undefined) return undefined
  return {
    method,
    consumerKey: attributes.get('consumer_key')!,
    consumerSecret,
    accessToken: attributes.get('access_token') ?? '',
    accessTokenSecret: attributes.get('access_token_secret') ?? '',
  }
}

/** The private key that a file holds. */
function keyOf(element: ScenarioElement, path: string, context: ParseContext): string | undefined {
  const place = element.attributePosition('consumer_secret')
  const pem = context.readFile(path, place)
  if (pem === null) return undefined
  if (/-----BEGIN (RSA )?PRIVATE KEY-----/.test(pem)) return pem
  context.unplayable('U_FILE', `${path} holds no private key in PEM without a passphrase`, place)
  return undefined
}

function checkMarkers(element: ScenarioElement, context: ParseContext): void {
  if (context.subst === 'false') return
  for (const name of substituted[element.name] ?? []) {
    const text = element.attributes.get(name)
    if (text !== undefined) context.checkMarkers(text, element.attributePosition(name))
  }
}
