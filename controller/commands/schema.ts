/** `tsts schema`: the XML Schema of scenarios, for editors and validators. */
import { elementTable } from '../../core/scenario/elements.ts'
import { xmlSchema } from '../../core/scenario/schema.ts'
import type { PluginDeclaration } from '../../plugins/api.ts'
import { declarations } from '../../plugins/registry.ts'
import { type Command, textOf } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { knownDeclarations } from './known-declarations.ts'
import { pluginFlag, pluginsOf } from './run-flags.ts'

export const schemaCommand: Command = {
  name: 'schema',
  usage: 'schema [file]',
  describe: 'print the XML schema of scenarios, for editors (tsts schema > tsung.xsd)',
  positionals: {
    file: { type: 'string', describe: 'a scenario: the elements of its plugins are in it, too' },
  },
  options: pluginFlag,
  run: async (args, io) => {
    io.stdout.write(scenarioSchema(await knownDeclarations(textOf(args, 'file'), pluginsOf(args))))
    return exitCodes.ok
  },
}

/** The schema of every element that this version knows, or these protocols bring. */
export function scenarioSchema(protocols: readonly PluginDeclaration[] = declarations): string {
  return xmlSchema(elementTable(protocols))
}
