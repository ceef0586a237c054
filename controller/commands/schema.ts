/** `tsts schema`: the XML Schema of scenarios, for editors and validators. */
import { elementTable } from '../../core/scenario/elements.ts'
import { xmlSchema } from '../../core/scenario/schema.ts'
import { declarations } from '../../plugins/registry.ts'
import type { Command } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'

export const schemaCommand: Command = {
  name: 'schema',
  usage: 'schema',
  describe: 'print the XML schema of scenarios, for editors (tsts schema > tsung.xsd)',
  positionals: {},
  options: {},
  run: async (_args, io) => {
    io.stdout.write(scenarioSchema())
    return exitCodes.ok
  },
}

/** The schema of every element that this version knows. */
export function scenarioSchema(): string {
  return xmlSchema(elementTable(declarations))
}
