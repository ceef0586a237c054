/** `tsts new plugin NAME`: a package to begin with. */
import { relative } from 'node:path'
import { type Command, textOf } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { scaffoldPlugin } from '../plugins/scaffold.ts'

export const newCommand: Command = {
  name: 'new',
  usage: 'new <what> <name>',
  describe: 'make a package with a protocol of your own: tsts new plugin NAME',
  positionals: {
    what: { choices: ['plugin'], describe: 'what is made' },
    name: { type: 'string', describe: 'small letters, digits and dashes' },
  },
  options: {},
  run: async (args, io) => {
    const { folder, files } = scaffoldPlugin(textOf(args, 'name') ?? '', process.cwd())
    const shown = relative(process.cwd(), folder)
    const made = files.map((file) => `  ${shown}/${file}\n`).join('')
    io.stdout.write(
      `made ${shown}:\n${made}` +
        `next:\n  cd ${shown}\n  npm install\n  npm test\n  node server.mjs &\n  npx tsts run scenario.xml\n`,
    )
    return exitCodes.ok
  },
}
