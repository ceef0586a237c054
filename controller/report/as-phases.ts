/** What a run did, as phases that do it again: a stretch between two events of steering, or two phases, is one. */
import { basename, join } from 'node:path'
import { decode } from '../../core/scenario/xml/decode.ts'
import { expand } from '../../core/scenario/xml/expand.ts'
import { buildTree, type XmlElement } from '../../core/scenario/xml/tree.ts'
import { isXmlError } from '../../core/scenario/xml/xml-error.ts'
import type { EventLine } from '../outputs/events.ts'
import type { SeriesHead, SeriesLine, SeriesSecond } from '../outputs/series.ts'
import { html, type Markup } from './html.ts'
import { linesOf, ReportError, readHead, readText } from './run-lines.ts'

/** Users that were started from `fromS` to `toS`, seconds since the start. */
interface Stretch {
  readonly fromS: number
  readonly toS: number
  readonly users: number
  /** The scenario's own number of the phase that was played; null: before the first. */
  readonly phase: number | null
}

/**
 * Phases of Tsung's `<load>`, ready to be put in the place of those of the scenario.
 *
 * @throws {ReportError} when the folder holds no run, or nobody was started in it
 */
export async function asPhases(folder: string): Promise<string> {
  const path = join(folder, 'series.ndjson')
  const head = await readHead(path)
  const seconds: SeriesSecond[] = []
  for await (const line of linesOf<SeriesLine>(path))
    if (line?.type === 'second') seconds.push(line)
  const events: EventLine[] = []
  for await (const event of linesOf<EventLine>(join(folder, 'events.ndjson'))) {
    if (event !== null) events.push(event)
  }
  const stretches = stretchesOf(head, seconds, events)
  if (stretches.length === 0)
    throw new ReportError(`in the run of ${folder} no phase started a user`)
  const setups = await setupsOf(folder, head)
  const phases = stretches.map((stretch, at) => phaseMarkup(stretch, at + 1, setups))
  const steered = events.filter(({ type }) => type === 'steered').length
  return html`<!-- ${head.scenario.file}, seed ${head.seed}: what was started, second by second; steered ${steered} times -->
${phases}`.text
}

/** Those at the end in which nobody came are left out. */
export function stretchesOf(
  head: SeriesHead,
  seconds: readonly SeriesSecond[],
  events: readonly EventLine[],
): readonly Stretch[] {
  const users = arrivals(head, seconds)
  const endS = users.findLastIndex((count) => count > 0) + 1
  const cuts = new Set([0, endS])
  for (const { type, atMs } of events) {
    const atS = Math.round(atMs / 1000)
    if ((type === 'steered' || type === 'phase') && atS > 0 && atS < endS) cuts.add(atS)
  }
  const bounds = [...cuts].sort((a, b) => a - b)
  return bounds.slice(1).map((toS, at) => {
    const fromS = bounds[at]!
    // In its middle: at its ends launchers may be in two.
    const played = seconds.find((second) => second.atMs >= (fromS + toS) * 500)?.phase ?? 0
    return {
      fromS,
      toS,
      users: users.slice(fromS, toS).reduce((sum, count) => sum + count, 0),
      phase: head.phases[played - 1]?.phase ?? null,
    }
  })
}

/** Users of phases started in each second; static users stand in the scenario themselves. */
function arrivals(head: SeriesHead, seconds: readonly SeriesSecond[]): readonly number[] {
  const counts = Array.from({ length: Math.ceil((seconds.at(-1)?.atMs ?? 0) / 1000) }, () => 0)
  let before = 0
  for (const { atMs, started } of seconds) {
    counts[Math.ceil(atMs / 1000) - 1]! += started - before
    before = started
  }
  let open = 0
  const statics = head.planned.filter(({ fromMs, toMs }) => fromMs === toMs)
  for (const [at, count] of counts.entries()) {
    open += statics.filter(({ fromMs }) => Math.floor(fromMs / 1000) === at).length
    const taken = Math.min(open, count)
    counts[at] = count - taken
    open -= taken
  }
  return counts
}

function phaseMarkup(
  { fromS, toS, users, phase }: Stretch,
  number: number,
  setups: ReadonlyMap<number, readonly XmlElement[]>,
): Markup {
  const lengthS = toS - fromS
  const load =
    users === 0
      ? html`<users maxnumber="0" interarrival="1" unit="second"/>`
      : html`<users maxnumber="${users}" arrivalrate="${Number((users / lengthS).toPrecision(12))}" unit="second"/>`
  const setup = (phase === null ? [] : (setups.get(phase) ?? [])).map(({ attributes }) => {
    const pairs = [...attributes].map(([name, value]) => html` ${name}="${value}"`)
    return html`  <session_setup${pairs}/>\n`
  })
  return html`<arrivalphase phase="${number}" duration="${lengthS}" unit="second">
  ${load}
${setup}</arrivalphase>
`
}

/** `<session_setup>` of each phase, by its number, from the scenario that is kept with the run. */
async function setupsOf(
  folder: string,
  { scenario }: SeriesHead,
): Promise<ReadonlyMap<number, readonly XmlElement[]>> {
  const text = await readText(join(folder, basename(scenario.file)))
  if (text === null) return new Map()
  try {
    const source = decode(scenario.file, Buffer.from(text))
    const document = expand(
      source,
      () => ({ problem: 'it was expanded when the run began' }),
      () => undefined,
    )
    const root = buildTree(document.body, () => false)
    const phases = root.children
      .filter(({ name }) => name === 'load')
      .flatMap(({ children }) => children.filter(({ name }) => name === 'arrivalphase'))
    return new Map(
      phases.map(({ attributes, children }) => [
        Number(attributes.get('phase')),
        children.filter(({ name }) => name === 'session_setup'),
      ]),
    )
  } catch (error) {
    if (isXmlError(error)) return new Map()
    throw error
  }
}
