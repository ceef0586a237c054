/**
 * Claim c: what a realistic session costs. Five requests with think times, two substitutions, one `re` and one jsonpath
 * extraction and one match, beside the same five requests without any of it, Tsung with the same file, locust with the
 * same steps, and wrk with bare GETs of the first page and no think time. nginx on core 0, the client on core 1.
 *
 * `npm run bench:language -- [--pairs 5] [--seconds 5] [--users 400] [--json]`
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Contender,
  contenders,
  locustHead,
  playFile,
  type Round,
  runLocust,
  runTsung,
} from './support/contenders.ts'
import { paths, startNginx } from './support/nginx.ts'
import { options } from './support/options.ts'
import { compare } from './support/pairs.ts'
import { absent, isInstalled, type PeerName } from './support/peers.ts'
import { withFolder } from './support/processes.ts'
import { print } from './support/results.ts'
import { closedLoad, forever, scenario } from './support/scenario.ts'
import { plainSession, scriptedSession } from './support/session.ts'

const peers: readonly PeerName[] = ['wrk', 'locust', 'tsung']
/** Short, so that the core is what limits. */
const thinkSeconds = 0.002

const { pairs, seconds, users, json } = options({ pairs: 5, seconds: 5, users: 400 })

await withFolder(async (folder) => {
  const nginx = await startNginx(folder, { core: 0 })
  const file = (name: string, session: string): string => {
    const path = join(folder, name)
    const load = closedLoad(users, seconds)
    writeFileSync(path, scenario({ port: nginx.port, ...load, session: forever(session) }))
    return path
  }
  const scripted = file('scripted.xml', scriptedSession(thinkSeconds))
  const plain = file('plain.xml', plainSession(thinkSeconds))
  const locustfile = join(folder, 'locustfile.py')
  writeFileSync(locustfile, locustSession(nginx.port))

  const load = { users, seconds, port: nginx.port, path: paths.page }
  const wrk = contenders({ ...load, tls: false, close: false, bodyBytes: 0 }, folder, ['wrk'])
  const plays: { readonly [name: string]: () => Promise<Round> } = {
    tsts: () => playFile(scripted, folder, seconds),
    'tsts, plain': () => playFile(plain, folder, seconds),
    locust: () => runLocust(locustfile, { users, seconds }),
    tsung: () => runTsung(scripted, folder, seconds),
  }
  const named = ['tsts', 'tsts, plain', 'locust', 'tsung'] as const
  const all: readonly Contender[] = [
    ...named
      .filter((name) => name.startsWith('tsts') || isInstalled(name))
      .map((name) => ({ name, run: plays[name]! })),
    ...wrk.filter(({ name }) => name === 'wrk'),
  ]
  const { rows, failed } = await compare({
    claim: 'c',
    what: `scripted session, ${users} users`,
    contenders: all,
    nginx,
    pairs,
    budgets: { 'tsts, plain': { of: 'ratio', better: 'higher', must: 0.6, wish: null } },
  })
  print({ script: 'language.ts', rows, missing: [...absent(peers), ...failed] }, json)
})

function locustSession(port: number): string {
  return `import gevent
import random
import re
${locustHead(seconds)}
def think():
    gevent.sleep(random.expovariate(1 / ${thinkSeconds}))

class Bench(FastHttpUser):
    host = "http://127.0.0.1:${port}"
    wait_time = constant(0)

    @task
    def session(self):
        page = self.client.get("${paths.page}").text
        token = re.search('name="token" value="([^"]*)"', page).group(1)
        think()
        self.client.get("${paths.checked}?token=" + token, name="token")
        think()
        cart = self.client.get("${paths.json}").json()["cart"]["id"]
        think()
        self.client.get("${paths.checked}?cart=" + cart, name="cart")
        think()
        assert re.search("lorem ipsum", self.client.get("${paths.page}").text)
        think()
`
}
