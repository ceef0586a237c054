#!/usr/bin/env node
import { main } from './cli.ts'
import { asBackground } from './control/background.ts'

const { stdin, stdout, stderr } = process
// A reader or a terminal that has gone away ends no run: its report is in the folder.
for (const stream of [stdout, stderr]) stream.on('error', () => undefined)
const terminal = stdin.isTTY ? { terminal: stdin } : {}
const starter = asBackground()
const background = starter === null ? {} : { background: starter }
process.exitCode = await main(process.argv.slice(2), {
  stdin,
  stdout,
  stderr,
  signals: process,
  ...terminal,
  ...background,
})
