// Functions of examples/javascript.xml. Each gets the user's variables by name, and the user itself:
// { id, server: { host, port }, random() }. It returns a text, a number, or a list for several variables.
import { createHmac } from 'node:crypto'

/** `%%signing:signature%%` */
export function signature({ nonce }, user) {
  return createHmac('sha256', 'secret').update(`${nonce}:${user.id}`).digest('hex')
}

/** `<setdynvars sourcetype="erlang" callback="signing:customer">` with two variables */
export function customer(_variables, user) {
  // The user's own random numbers: the same seed gives the same customers.
  const towns = ['Ulm', 'Bonn', 'Kiel']
  return [`customer-${user.id}`, towns[Math.floor(user.random() * towns.length)]]
}
