/** Elements that say how many users start when. */
import type { ElementDeclaration } from '../declaration.ts'

/** Above it, Tsung's controller fails. */
const maxDurationS = 4_294_967

export const loadElements: readonly ElementDeclaration[] = [
  {
    name: 'load',
    parents: ['tsung'],
    content: 'elements',
    model: '(arrivalphase | user)*',
    doc: 'how many users start when',
    attributes: {
      duration: {
        type: 'integer',
        default: '0',
        doc: `the test is cut after this long; 0: no limit; at most ${maxDurationS} s`,
      },
      unit: {
        type: 'enum',
        values: ['hour', 'minute', 'second'],
        default: 'second',
        doc: 'of duration',
      },
      loop: { type: 'integer', default: '0', doc: 'extra repetitions of all phases' },
    },
  },
  {
    name: 'arrivalphase',
    parents: ['load'],
    content: 'elements',
    model: '(users | session_setup | rate)*',
    doc: 'a time during which users start at one rate',
    attributes: {
      phase: {
        type: 'integer',
        required: true,
        doc: 'phases are played in the order of these numbers; each once',
      },
      duration: { type: 'integer', required: true, doc: 'how long users start' },
      unit: {
        type: 'enum',
        required: true,
        values: ['hour', 'minute', 'second', 'millisecond'],
        doc: 'of duration',
      },
      wait_all_sessions_end: {
        type: 'boolean',
        anyWord: true,
        token: true,
        default: 'false',
        since: '1.7.0',
        doc: 'each launcher goes on to the next phase only when all its users have finished',
      },
    },
  },
  {
    name: 'users',
    parents: ['arrivalphase'],
    content: 'empty',
    doc: 'at which rate users start: give arrivalrate or interarrival',
    attributes: {
      arrivalrate: { type: 'number', doc: 'users per unit; more than 0, e.g. 0.5' },
      interarrival: { type: 'number', doc: 'mean time between two users; more than 0' },
      unit: {
        type: 'enum',
        required: true,
        values: ['hour', 'minute', 'second'],
        doc: 'of arrivalrate or interarrival',
      },
      maxnumber: {
        type: 'integer',
        doc: 'users started in this phase over all launchers, at most; without it, no limit',
      },
      maxactive: {
        type: 'integer',
        min: 1,
        since: 'tsts',
        doc: 'users of this phase that play at once, at most; one that ends before the phase does is followed by another at once',
      },
    },
  },
  {
    name: 'rate',
    parents: ['arrivalphase'],
    content: 'empty',
    since: 'tsts',
    doc: 'how often users have their turn at <pace/>, all together, from the start of the phase on, until a later phase has another rate',
    attributes: {
      value: { type: 'number', required: true, doc: 'turns per unit; more than 0, e.g. 30000' },
      unit: {
        type: 'enum',
        values: ['hour', 'minute', 'second'],
        default: 'second',
        doc: 'of value',
      },
    },
  },
  {
    name: 'session_setup',
    parents: ['arrivalphase'],
    content: 'empty',
    since: '1.5.1',
    doc: 'other shares of the sessions in this phase',
    attributes: {
      name: { type: 'string', required: true, doc: 'name of the session; * and ? are wildcards' },
      probability: { type: 'number', unit: '%', doc: 'its share, if the sessions have one' },
      weight: { type: 'number', doc: 'its weight, if the sessions have one' },
    },
  },
  {
    name: 'user',
    parents: ['load'],
    content: 'empty',
    since: '1.3.1',
    doc: 'a user that starts at a known time, one for each session that the name means',
    attributes: {
      session: {
        type: 'string',
        required: true,
        doc: 'name of the session; * and ? are wildcards',
      },
      start_time: {
        type: 'number',
        doc: 'when it starts, from the start of the test; required, although the DTD does not say so',
      },
      unit: {
        type: 'enum',
        values: ['hour', 'minute', 'second', 'millisecond'],
        default: 'second',
        doc: 'of start_time',
      },
    },
  },
]
