/**
 * What only Tsung 1.8 knows: `newer.xml` does not load with 1.7, so that this is taken from its manual, not observed.
 *
 * By session, the request lines without their version.
 */
export const newer: { readonly [session: string]: readonly string[] } = {
  orders: [
    'GET /orders/gte-5',
    'GET /orders/lte-5',
    'GET /orders/visit/a',
    'GET /orders/visit/a',
    'GET /orders/visit/a',
    'GET /orders/visit/b',
    'GET /orders/visit/b',
  ],
  'if-marker': ['GET /if-marker/equal'],
  'local-file': ['GET /local-file/?line-of-names=ok'],
  'jsonpath-marker': ['GET /jsonpath-marker/json', 'GET /jsonpath-marker/12'],
  purge: ['PURGE /purge/1'],
}
