/** Asks one host everything, and judges what it says. */
import { randomBytes } from 'node:crypto'
import type { Scenario } from '../../core/scenario/model.ts'
import type { AgentFacts } from '../../core/wire/messages.ts'
import { type Answer, type AnswerTo, maxTransfer, type Question } from '../../core/wire/probe.ts'
import type { HostNeeds } from '../host-needs.ts'
import type { Interview } from './interview.ts'
import { type ClockReading, judgeClock, judgeCpu, judgeRuns } from './judge-machine.ts'
import { judgeAddresses, judgeLink, judgeTargets, type Link } from './judge-network.ts'
import {
  type Host,
  judgeCores,
  judgeDescriptors,
  judgeMemory,
  judgePorts,
  judgeSettings,
  judgeTaken,
} from './judge-resources.ts'
import { type Check, type Finding, warning } from './model.ts'
import { onHost, type Place } from './remedy.ts'

/** For an answer that costs a host nothing, in ms: slow machines and links included. */
const answerMs = 20_000
/** For a transfer over the slowest link that is of any use. */
const transferMs = 60_000
/** For a target to take a connection, and for its TLS handshake. */
const targetMs = 5000
const clockProbes = 20
const clockPauseMs = 5
const spinMs = 1000

/** What every host is asked for. */
export interface Purpose {
  readonly scenario: Scenario
  readonly intervalMs: number
  /** The command as it was given, for remedies: `tsts doctor FILE`. */
  readonly again: string
  /** How people reach a host: program and arguments, the host last. */
  readonly sshTo: (host: string) => readonly string[]
}

/** @throws {Unreached} when the agent goes away meanwhile */
export async function examine(
  interview: Interview,
  facts: AgentFacts,
  needs: HostNeeds,
  purpose: Purpose,
): Promise<readonly Finding[]> {
  const before: Place = placeOf(interview, null, purpose)
  const questions = new Questions(interview, before)
  const { wall, roundTripMs } = await clockOf(interview)
  const link = await linkOf(interview, roundTripMs)
  const system = await questions.ask({ type: 'system' }, 'settings')
  if (system === null) return questions.refused
  const place = placeOf(interview, system.isRoot, purpose)
  const host: Host = { place, facts, system, needs }
  return [
    judgeClock(place, wall),
    ...(interview.isLocal
      ? []
      : [judgeLink(link, needs.launchers, purpose.intervalMs, purpose.again)]),
    judgeCores(host),
    judgeMemory(host),
    judgeDescriptors(host),
    judgeSettings(host),
    ...(await networkOf(questions, host, purpose)),
    ...(await machineOf(questions, place)),
    ...questions.refused,
  ]
}

export function placeOf(
  { host, isLocal }: Interview,
  isRoot: boolean | null,
  { sshTo }: Purpose,
): Place {
  return { host, isLocal, isRoot, ssh: sshTo(host) }
}

async function networkOf(
  questions: Questions,
  host: Host,
  { scenario }: Purpose,
): Promise<Finding[]> {
  const { place, system, needs } = host
  const [min, max] = needs.ports.range
  const taken = await questions.ask({ type: 'ports', min, max }, 'taken')
  const { addresses } = needs
  const bound = await questions.ask({ type: 'addresses', addresses }, 'addresses')
  const servers = distinct(scenario.servers)
  const { verify } = scenario.options.tls
  const reached = await questions.ask(
    { type: 'targets', servers, timeoutMs: targetMs, verify },
    'target',
    answerMs + targetMs * servers.length,
  )
  return [
    judgePorts(host, taken),
    ...(taken === null ? [] : [judgeTaken(host, taken)]),
    ...(bound === null ? [] : judgeAddresses(place, system, addresses, bound.addresses)),
    ...(reached === null ? [] : judgeTargets(place, system, reached.targets)),
  ]
}

async function machineOf(questions: Questions, place: Place): Promise<Finding[]> {
  const runs = await questions.ask({ type: 'runs' }, 'runs')
  const cpu = await questions.ask({ type: 'cpu', spinMs }, 'cpu')
  return [
    ...(runs === null ? [] : [judgeRuns(place, runs.runs)]),
    ...(cpu === null ? [] : [judgeCpu(place, cpu)]),
  ]
}

/** What a host cannot find out is a finding of its own. */
class Questions {
  readonly refused: Finding[] = []
  readonly #interview: Interview
  readonly #place: Place

  constructor(interview: Interview, place: Place) {
    this.#interview = interview
    this.#place = place
  }

  /** Null: it was refused, which is told. */
  async ask<const Asked extends Question>(
    question: Asked,
    check: Check,
    deadlineMs: number = answerMs,
  ): Promise<AnswerTo<Asked['type']> | null> {
    const answer: Answer = await this.#interview.ask(question, deadlineMs)
    if (answer.type !== 'refused') return answer as AnswerTo<Asked['type']>
    const text = `cannot be found out: ${answer.text}`
    this.refused.push(warning(check, text, onHost(this.#place, 'ls -l /proc/self')))
    return null
  }
}

/**
 * The probe of the least round trip counts. They follow each other closely: an sshd that waits for our acknowledgement
 * before it sends a second small packet (Nagle) gets it with the next probe.
 */
async function clockOf(
  interview: Interview,
): Promise<{ readonly wall: ClockReading; readonly roundTripMs: number }> {
  let roundTripMs = Number.POSITIVE_INFINITY
  let wallMs = 0
  const probe = async (): Promise<void> => {
    const sentMs = performance.now()
    const answer = await interview.ask({ type: 'clock' }, answerMs)
    const tookMs = performance.now() - sentMs
    if (answer.type !== 'clock' || tookMs >= roundTripMs) return
    roundTripMs = tookMs
    wallMs = answer.epochMs - (Date.now() - tookMs / 2)
  }
  const probes: Promise<void>[] = []
  for (let at = 0; at < clockProbes; at++) {
    probes.push(probe())
    await new Promise((resolve) => setTimeout(resolve, clockPauseMs))
  }
  await Promise.all(probes)
  return { wall: { wallMs, errorMs: roundTripMs / 2 }, roundTripMs }
}

/** One transfer each way. What is sent cannot be compressed: ssh may be told to. */
async function linkOf(interview: Interview, roundTripMs: number): Promise<Link> {
  const text = randomBytes((maxTransfer * 3) / 4).toString('base64')
  const startMs = performance.now()
  await interview.ask({ type: 'take', text }, transferMs)
  const betweenMs = performance.now()
  await interview.ask({ type: 'give', characters: text.length }, transferMs)
  const endMs = performance.now()
  const rate = (ms: number): number => (1000 * text.length) / Math.max(ms / 2, ms - roundTripMs)
  return {
    roundTripMs,
    toHost: rate(betweenMs - startMs),
    fromHost: rate(endMs - betweenMs),
  }
}

function distinct<Each extends { readonly host: string; readonly port: number }>(
  servers: readonly Each[],
): readonly Each[] {
  return [...new Map(servers.map((each) => [`${each.host}:${each.port}`, each])).values()]
}
