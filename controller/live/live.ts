/** The run as it goes: a view redrawn each second on a terminal, plain lines elsewhere; a summary at its end. */
import { join } from 'node:path'
import { clearScreenDown, cursorTo, moveCursor } from 'node:readline'
import type { Writable } from 'node:stream'
import { styleText } from 'node:util'
import { createLogUpdate } from 'log-update'
import type {
  ErrorExample,
  Output,
  RunEvent,
  RunHead,
  RunResult,
  Second,
  Standing,
} from '../model.ts'
import { durationText, plural, printable } from '../outputs/format.ts'
import { type Summary, SummaryBuilder } from '../outputs/summary.ts'
import { endSummary } from './end-summary.ts'
import { frame, plainLine, type Row, type Segment } from './frame.ts'
import { LiveWindow, type Past } from './window.ts'

/** A terminal, or anything else that takes text; `columns` and `rows` when it is one. */
export interface LiveStream extends Writable {
  readonly columns?: number
  readonly rows?: number
}

export interface LiveOptions {
  readonly tty: boolean
  /** Default: on a terminal, unless NO_COLOR is set. */
  readonly colour?: boolean
  /** Whether a report will be written, whose path the end tells; default true. */
  readonly report?: boolean
}

/** A view that may also be shown by another process than the run's own. */
export interface LiveView extends Output {
  /** What was before the first second that it is told. */
  past(past: Past): void
  /** The run is over: instead of `end`, when the summary is known already. */
  over(summary: Summary): void
  /** The run goes on, but is not shown any more. */
  leave(): void
}

const plainLineEveryMs = 10_000

export function live(stream: LiveStream, options: LiveOptions): LiveView {
  const colour = options.colour ?? (options.tty && !process.env['NO_COLOR'])
  const hasReport = options.report ?? true
  return options.tty ? new Terminal(stream, colour, hasReport) : new PlainLines(stream, hasReport)
}

/** What both views have in common: the numbers so far, and the summary at the end. */
class View {
  protected window: LiveWindow | null = null
  protected readonly stream: LiveStream
  readonly #hasReport: boolean
  #summary: SummaryBuilder | null = null

  constructor(stream: LiveStream, hasReport: boolean) {
    this.stream = stream
    this.#hasReport = hasReport
  }

  protected begin(head: RunHead): LiveWindow {
    this.#summary = new SummaryBuilder(head)
    this.window = new LiveWindow(head)
    return this.window
  }

  protected take(second: Second): void {
    this.window?.second(second)
    this.#summary?.second(second)
  }

  past(past: Past): void {
    this.window?.past(past)
  }

  standing(standing: Standing): void {
    if (this.window) this.window.standing = standing
  }

  example(example: ErrorExample): void {
    this.window?.example(example)
  }

  end(result: RunResult): void {
    if (this.#summary) this.over(this.#summary.end(result))
  }

  over(summary: Summary): void {
    this.leave()
    const folder = this.window?.head.folder ?? ''
    this.stream.write(endSummary(summary, folder, this.#hasReport))
  }

  leave(): void {
    // Lines that were written stay.
  }
}

class Terminal extends View implements LiveView {
  readonly #colour: boolean
  readonly #log: ReturnType<typeof createLogUpdate>
  readonly #redraw = (): void => this.#resized()
  /** Characters of each row that stands there. */
  #drawn: readonly number[] = []

  constructor(stream: LiveStream, colour: boolean, hasReport: boolean) {
    super(stream, hasReport)
    this.#colour = colour
    // Hiding the cursor, it would write to standard error as well, and wait for a terminal that is stopped.
    this.#log = createLogUpdate(stream, { showCursor: true })
  }

  start(head: RunHead): void {
    const window = this.begin(head)
    this.stream.write(`${startLine(window)}\n`)
    this.stream.on('resize', this.#redraw)
    this.#draw()
  }

  second(second: Second): void {
    this.take(second)
    this.#draw()
  }

  event(event: RunEvent): void {
    this.window?.event(event)
    if (event.type !== 'run-ended') this.#draw()
  }

  override leave(): void {
    this.stream.off('resize', this.#redraw)
    this.#log.clear()
    this.#log.done()
    this.#drawn = []
  }

  async close(): Promise<void> {
    this.stream.off('resize', this.#redraw)
  }

  /** A terminal that has become narrower has broken rows in two: they are counted as they stand now. */
  #resized(): void {
    const columns = Math.max(1, this.stream.columns ?? 80)
    const rows = this.#drawn.reduce(
      (sum, length) => sum + Math.max(1, Math.ceil(length / columns)),
      0,
    )
    moveCursor(this.stream, 0, -rows)
    cursorTo(this.stream, 0)
    clearScreenDown(this.stream)
    this.#log.done()
    this.#draw()
  }

  #draw(): void {
    if (!this.window) return
    // The last column stays free: some terminals wrap when it is written.
    const columns = Math.max(1, (this.stream.columns ?? 80) - 1)
    const rows = frame(this.window, columns, this.stream.rows ?? 24)
    // log-update 7.2 takes rows that moved for rows that stayed.
    if (rows.length !== this.#drawn.length) this.#log.clear()
    this.#drawn = rows.map((row) => Math.min(columns, [...rowText(row, columns, false)].length))
    this.#log(rows.map((row) => rowText(row, columns, this.#colour)).join('\n'))
  }
}

class PlainLines extends View implements LiveView {
  #nextLineMs = plainLineEveryMs

  start(head: RunHead): void {
    this.stream.write(`${startLine(this.begin(head))}\n`)
  }

  second(second: Second): void {
    this.take(second)
    if (second.atMs < this.#nextLineMs || !this.window) return
    this.stream.write(`${plainLine(this.window)}\n`)
    while (this.#nextLineMs <= second.atMs) this.#nextLineMs += plainLineEveryMs
  }

  event(event: RunEvent): void {
    const at = durationText(Math.max(0, event.atMs)).padStart(7)
    this.stream.write(`${at}  ${printable(event.text)}\n`)
  }

  async close(): Promise<void> {
    // The stream belongs to the caller.
  }
}

function startLine({ head: { scenario, plan, folder } }: LiveWindow): string {
  const load = `${plural(plan.users, 'user')} in ${durationText(plan.durationMs)}`
  const launchers = plural(plan.launchers.length, 'launcher')
  return (
    `${printable(scenario.file)}: ${load} from ${launchers}, seed ${printable(plan.seed)}\n` +
    `log folder: ${printable(join(folder))}`
  )
}

/** One row, cut to `columns`. */
function rowText(row: Row, columns: number, colour: boolean): string {
  let left = columns
  let text = ''
  for (const segment of row) {
    const [style, whole] = styled(segment)
    const shown = [...whole].slice(0, left).join('')
    left -= [...shown].length
    text +=
      colour && style && shown !== '' ? styleText(style, shown, { validateStream: false }) : shown
  }
  return text.trimEnd()
}

function styled(segment: Segment): readonly [Exclude<Segment, string>[0] | null, string] {
  return typeof segment === 'string' ? [null, segment] : segment
}
