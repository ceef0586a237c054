import assert from 'node:assert/strict'
import type { SshSurroundings } from '../../controller/ssh/settings.ts'
import { sshArguments } from '../../controller/ssh/ssh-words.ts'

const home = '/home/ann'
const own = `Host load1
  User ubuntu
Host load2
  Port 2222
Host *
  IdentityFile ~/.ssh/cloud
`

describe('the words by which a person reaches a host as we do', () => {
  const surroundings = (config: string): SshSurroundings => ({
    config,
    home,
    user: 'ann',
    agentSocket: null,
  })
  const cases: [what: string, target: string, fragment: string, words: string][] = [
    ['a name that says it all', 'load1', '', 'load1'],
    ['a port in the scenario', '10.0.4.7:2200', '', '-p 2200 10.0.4.7'],
    ['the port that its configuration says', 'load2:2222', '', 'load2'],
    ['an address in brackets', '[fd00::7]:2200', '', '-p 2200 fd00::7'],
    [
      'an address and a port of the file',
      'load1',
      'Host load1\n  HostName 10.0.4.7\n  Port 2200\n',
      '-p 2200 -o HostName=10.0.4.7 load1',
    ],
    [
      'all that a file can say',
      'load3',
      'Host load3\n  User deploy\n  IdentityFile /keys/load\n  ProxyJump gate,inner\n' +
        '  UserKnownHostsFile /keys/known\n  HostKeyAlias fleet\n',
      '-o User=deploy -o IdentityFile=/keys/load -o ProxyJump=gate,inner ' +
        '-o UserKnownHostsFile=/keys/known -o HostKeyAlias=fleet load3',
    ],
    ['what the file repeats of it', 'load1', 'Host load1\n  User ubuntu\n', 'load1'],
  ]
  for (const [what, target, fragment, words] of cases) {
    it(what, () => {
      const used = surroundings(`${fragment}Match all\n${own}`)
      assert.equal(sshArguments(target, surroundings(own), used).join(' '), words)
    })
  }
})
