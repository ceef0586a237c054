/** Reaches a run that goes on, for the commands that want something of it. */
import type { Options, PositionalOptions } from 'yargs'
import { type Args, textOf } from '../command.ts'
import { ControlClient } from '../control/control-client.ts'
import type { ControlReply, ControlRequest } from '../control/messages.ts'
import { findRun, readRunFile } from '../control/run-file.ts'
import { defaultLogDir } from '../run-folder.ts'
import { UsageError } from '../usage-error.ts'

/** A run that does not answer within this is stopped or stuck, ms. */
const answerMs = 10_000

export const runPositional: { readonly folder: PositionalOptions } = {
  folder: {
    type: 'string',
    describe: 'the folder of the run, or one with runs in it (default: -l, TSTS_LOG_DIR, tsts-log)',
  },
} as const

export const logDirOption: { readonly 'log-dir': Options } = {
  'log-dir': {
    alias: 'l',
    type: 'string',
    requiresArg: true,
    describe: 'where runs have their folders',
  },
} as const

/** @throws {UsageError} when no run goes on there */
export function folderOf(args: Args): string {
  const given = textOf(args, 'folder') || textOf(args, 'log-dir') || process.env['TSTS_LOG_DIR']
  return findRun(given || defaultLogDir)
}

/** Null: its controller is gone. */
export async function reach(folder: string): Promise<ControlClient | null> {
  const file = readRunFile(folder)
  return file === null ? null : ControlClient.reach(file.socket)
}

/** @throws {UsageError} when its controller is gone */
export async function reachOf(folder: string): Promise<ControlClient> {
  const client = await reach(folder)
  if (client !== null) return client
  throw new UsageError(`the controller of ${folder} is gone: tsts attach takes its run over`)
}

/**
 * Asks for one thing, and hangs up.
 *
 * @throws {UsageError} when the run refuses, with its words, or does not answer
 */
export async function ask<Type extends ControlReply['type']>(
  client: ControlClient,
  request: ControlRequest,
  type: Type,
): Promise<ControlReply & { readonly type: Type }> {
  client.send(request)
  const reply = await client.next(answerMs)
  client.close()
  if (reply?.type === type) return reply as ControlReply & { readonly type: Type }
  if (reply?.type === 'refused') throw new UsageError(reply.text)
  throw new UsageError(`the run does not answer (waited ${answerMs / 1000} s)`)
}
