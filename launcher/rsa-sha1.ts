/** RSA-SHA1 for OAuth 1.0a, which plugins cannot do without Node. Source: RFC 5849, 3.4.3. */
import { createPrivateKey, sign } from 'node:crypto'

/**
 * @param pem a private key
 * @returns signs a byte string (RSASSA-PKCS1-v1_5); the signature is a byte string
 * @throws when the key cannot be read
 */
export function rsaSha1Signer(pem: string): (text: string) => string {
  const key = createPrivateKey(pem)
  return (text) => sign('sha1', Buffer.from(text, 'latin1'), key).toString('latin1')
}
