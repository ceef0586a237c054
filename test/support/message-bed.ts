/** The built `tsts` with launchers that play `roomPlugin` in the place of ts_raw, in a folder of its own. */
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { builtMain } from './dist.ts'
import { root } from './sources.ts'

export class MessageBuild {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'tsts-rooms-'))
  /** Its `dist/controller/main.js`. */
  readonly main: string = join(this.folder, 'dist/controller/main.js')

  static async make(): Promise<MessageBuild> {
    const made = new MessageBuild()
    cpSync(dirname(builtMain()), dirname(made.main), { recursive: true })
    cpSync(join(root, 'package.json'), join(made.folder, 'package.json'))
    symlinkSync(join(root, 'node_modules'), join(made.folder, 'node_modules'))
    await build({
      absWorkingDir: root,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      banner: {
        js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
      },
      entryPoints: ['launcher/main.ts'],
      outfile: join(made.folder, 'dist/launcher.mjs'),
      plugins: [
        {
          name: 'rooms',
          setup: ({ onLoad }) =>
            onLoad({ filter: /launcher\/players\.ts$/ }, () => ({
              contents: `import { roomPlugin } from '../test/support/message-plugin.ts'
export const players = { ts_raw: roomPlugin }`,
              loader: 'ts',
              resolveDir: join(root, 'launcher'),
            })),
        },
      ],
    })
    return made
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export interface RoomScenario {
  readonly clients: string
  readonly port: number
  readonly users: number
  /** Of each user, one every `everySeconds`. */
  readonly messages: number
  readonly everySeconds: number
}

/** Users that all come into one room, and when all are there say something to it. */
export function writeRoomScenario(path: string, room: RoomScenario): void {
  const { clients, port, users, messages, everySeconds } = room
  const raw = (data: string): string => `<request><raw ack="local" data="${data}"/></request>`
  writeFileSync(
    path,
    `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung>
  <clients>${clients}</clients>
  <servers><server host="127.0.0.1" port="${port}" type="tcp"/></servers>
  <load>
    <arrivalphase phase="1" duration="1" unit="second">
      <users maxnumber="${users}" arrivalrate="${users}" unit="second"/>
    </arrivalphase>
  </load>
  <options><option name="global_number" value="${users}"/></options>
  <sessions>
    <session name="talk" probability="100" type="ts_raw" bidi="true">
      ${raw('sub hall')}
      <thinktime value="wait_global"/>
      <for var="i" from="1" to="${messages}">
        ${raw('pub hall')}
        <thinktime value="${everySeconds}"/>
      </for>
      <thinktime value="1.5"/>
    </session>
  </sessions>
</tsung>
`,
  )
}
