/** `tsts help TOPIC`: an element or option of the scenario, or the exit codes. */
import { type Command, textOf } from '../command.ts'
import { exitCodes, exitCodesText } from '../exit-codes.ts'
import { UsageError } from '../usage-error.ts'
import { elementHelp, unknownTopic } from './element-help.ts'
import { knownDeclarations } from './known-declarations.ts'
import { pluginFlag, pluginsOf } from './run-flags.ts'

export const helpCommand: Command = {
  name: 'help',
  usage: 'help <topic> [file]',
  describe: 'explain an element or option of the scenario, or exit-codes',
  positionals: {
    topic: { type: 'string', describe: 'e.g. thinktime, or exit-codes' },
    file: { type: 'string', describe: 'a scenario, for elements of its plugins' },
  },
  options: pluginFlag,
  run: async (args, io) => {
    const topic = textOf(args, 'topic') ?? ''
    if (topic === 'exit-codes') io.stdout.write(exitCodesText())
    else {
      const known = await knownDeclarations(textOf(args, 'file'), pluginsOf(args))
      const text = elementHelp(topic, known)
      if (text === null) throw new UsageError(unknownTopic(topic, known))
      io.stdout.write(text)
    }
    return exitCodes.ok
  },
}
