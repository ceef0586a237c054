/** What tsts has to do: what Tsung did, changed by the differences that are declared. */
import { answerTo } from './answers.ts'
import type { Difference, Edit, Exchange } from './differences.ts'
import type { Observed } from './play.ts'
import type { Conversation } from './stage.ts'

export function expectedOf(tsung: Observed, differences: readonly Difference[]): Observed {
  return differences.reduce(changed, tsung)
}

function changed(observed: Observed, difference: Difference): Observed {
  const conversations = { ...observed.conversations }
  const totals = { ...observed.totals }
  for (const [session, edit] of Object.entries(difference.edits ?? {})) {
    const before = conversations[session] ?? []
    const after = edited(before, edit)
    conversations[session] = after
    add(totals, booksOf(after), 1)
    add(totals, booksOf(before), -1)
  }
  for (const session of difference.ownHosts ?? []) {
    conversations[session] = (conversations[session] ?? []).map(withOwnHost)
  }
  add(totals, difference.totals ?? {}, 1)
  return {
    conversations: sorted(conversations),
    totals: sorted(totals),
    matches: exchanged(observed.matches, difference.matches).sort(compare),
    dump: observed.dump,
    kept: observed.kept,
  }
}

/** A session that Tsung did not get to has no connection yet: it is made to PORT-A. */
function edited(conversations: readonly Conversation[], edit: Edit): Conversation[] {
  const last = conversations.at(-1) ?? { server: 'PORT-A', requests: [] }
  const kept = edit.keep === null ? last.requests : last.requests.slice(0, edit.keep)
  return [...conversations.slice(0, -1), { ...last, requests: [...kept, ...edit.more] }]
}

function withOwnHost({ server, requests }: Conversation): Conversation {
  const host = `Host: 127.0.0.1:${server}`
  return { server, requests: requests.map((bytes) => bytes.replace(/Host: \S+/, host)) }
}

/** What the requests of a session add to the totals. */
function booksOf(conversations: readonly Conversation[]): { [name: string]: number } {
  const books: { [name: string]: number } = {}
  const visits = new Map<string, number>()
  for (const request of conversations.flatMap(({ requests }) => requests)) {
    const path = request.split(' ', 2)[1]!.replace(/\?.*/, '')
    const before = visits.get(path) ?? 0
    visits.set(path, before + 1)
    const answer = answerTo(request, before).bytes
    const status = /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]
    const size = request.replaceAll(/PORT-[A-Z]+/g, '00000').length
    add(books, { request: 1, size_sent: size, size_rcv: answer.length }, 1)
    if (status !== undefined) add(books, { [status]: 1 }, 1)
  }
  return books
}

function add(
  totals: { [name: string]: number },
  more: { readonly [name: string]: number },
  sign: 1 | -1,
): void {
  for (const [name, count] of Object.entries(more)) {
    totals[name] = (totals[name] ?? 0) + sign * count
    if (totals[name] === 0) delete totals[name]
  }
}

/** @throws when a line that should be missing is not there */
function exchanged(lines: readonly string[], change: Exchange | undefined): string[] {
  const result = [...lines]
  for (const line of change?.without ?? []) {
    const at = result.indexOf(line)
    if (at < 0) throw new Error(`Tsung did not write ${line}`)
    result.splice(at, 1)
  }
  return [...result, ...(change?.with ?? [])]
}

function sorted<Value>(record: { readonly [name: string]: Value }): { [name: string]: Value } {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => compare(a, b)))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
