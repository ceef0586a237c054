/** `tsts help TOPIC`: an element or option of the scenario, or the exit codes. */
import { type Command, textOf } from '../command.ts'
import { exitCodes, exitCodesText } from '../exit-codes.ts'
import { UsageError } from '../usage-error.ts'
import { elementHelp, unknownTopic } from './element-help.ts'

export const helpCommand: Command = {
  name: 'help',
  usage: 'help <topic>',
  describe: 'explain an element or option of the scenario, or exit-codes',
  positionals: { topic: { type: 'string', describe: 'e.g. thinktime, or exit-codes' } },
  options: {},
  run: async (args, io) => {
    const topic = textOf(args, 'topic') ?? ''
    const text = topic === 'exit-codes' ? exitCodesText() : elementHelp(topic)
    if (text === null) throw new UsageError(unknownTopic(topic))
    io.stdout.write(text)
    return exitCodes.ok
  },
}
