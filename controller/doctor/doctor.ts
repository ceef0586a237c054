/** Examines every host of a scenario, all at the same time, against what the plan asks of each. */
import type { ArrivalProcess, Plan } from '../../core/plan/model.ts'
import { makePlan } from '../../core/plan/plan.ts'
import type { AgentFacts } from '../../core/wire/messages.ts'
import { exitCodes } from '../exit-codes.ts'
import { type HostNeeds, hostNeeds } from '../host-needs.ts'
import type { Hosts } from '../hosts.ts'
import { examine, type Purpose, placeOf } from './examine.ts'
import { Interview, Unreached } from './interview.ts'
import { type Again, judgeReached, judgeUnreached } from './judge-access.ts'
import { checks, type Examined, type Finding, ok } from './model.ts'
import type { Place } from './remedy.ts'

/** Until an agent says hello, in ms, after the last piece of Node or the bundle went to some host. */
const helloMs = 60_000

export interface DoctorOptions extends Purpose, Again {
  readonly seed: string
  readonly arrivals: ArrivalProcess
}

/** @param hosts of the scenario's clients */
export async function examineHosts(hosts: Hosts, options: DoctorOptions): Promise<Examined[]> {
  const patients = hosts.transports.map((transport) => new Patient(new Interview(transport)))
  try {
    const moves = (): number =>
      hosts.transports.reduce((sum, each) => sum + (each.moves?.() ?? 0), 0)
    await Promise.all(patients.map((patient) => patient.greet(moves)))
    const facts = patients.map((patient) => patient.facts)
    const needs = needsOf(options, hosts.ofClient, facts)
    return await Promise.all(
      patients.map((patient, host) => patient.examine(needs[host] ?? null, options)),
    )
  } finally {
    await Promise.all(patients.map((patient) => patient.close()))
  }
}

/** A host that was not reached is taken to have one core: what the others need hardly depends on it. */
function needsOf(
  { scenario, seed, arrivals }: DoctorOptions,
  ofClient: readonly number[],
  facts: readonly (AgentFacts | null)[],
): readonly (HostNeeds | null)[] {
  const cores = ofClient.map((host) => facts[host]?.cores ?? 1)
  const plan: Plan = makePlan(scenario, { seed, facts: { cores }, arrivals })
  return hostNeeds(scenario, plan, ofClient, facts)
}

/** One host, from hello to the end. */
class Patient {
  facts: AgentFacts | null = null
  readonly #interview: Interview
  readonly #startMs = performance.now()
  #tookMs = 0
  #lost: Unreached | null = null

  constructor(interview: Interview) {
    this.#interview = interview
  }

  async greet(moves: () => number): Promise<void> {
    try {
      this.facts = await this.#interview.hello(helloMs, moves)
      this.#tookMs = performance.now() - this.#startMs
    } catch (error) {
      this.#lost = lossOf(error)
    }
  }

  async examine(needs: HostNeeds | null, options: DoctorOptions): Promise<Examined> {
    const { host } = this.#interview
    const { facts } = this
    if (facts === null) return this.#unreached(options)
    const reached = judgeReached(this.#place(options), facts, this.#tookMs)
    if (needs === null) {
      const idle = ok('cores', 'nothing of the plan is played there')
      return { host, isUsable: true, needs, findings: [...reached, idle] }
    }
    try {
      const found = await examine(this.#interview, facts, needs, options)
      return { host, isUsable: true, needs, findings: inOrder([...reached, ...found]) }
    } catch (error) {
      this.#lost = lossOf(error)
      return this.#unreached(options)
    }
  }

  close(): Promise<void> {
    return this.#interview.close()
  }

  #unreached(options: DoctorOptions): Examined {
    const { message, cause } = this.#lost!
    const error = cause instanceof Error ? cause : null
    const findings = judgeUnreached(this.#place(options), message, error, options)
    return { host: this.#interview.host, isUsable: false, needs: null, findings }
  }

  #place(options: DoctorOptions): Place {
    return placeOf(this.#interview, null, options)
  }
}

function lossOf(error: unknown): Unreached {
  if (error instanceof Unreached) return error
  throw error
}

function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => checks.indexOf(a.check) - checks.indexOf(b.check))
}

/** 5: a host cannot be used. 4: one would be short of something. 0: nothing forbids. */
export function doctorExitCode(all: readonly Examined[]): number {
  if (all.some(({ isUsable }) => !isUsable)) return exitCodes.lost
  const isShort = all.some(({ findings }) => findings.some(({ status }) => status === 'fault'))
  return isShort ? exitCodes.verdict : exitCodes.ok
}
