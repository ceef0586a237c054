import assert from 'node:assert/strict'
import {
  type Host,
  judgeCores,
  judgeDescriptors,
  judgeMemory,
  judgePorts,
  judgeTaken,
} from '../../controller/doctor/judge-resources.ts'
import { fine, here } from './host.ts'

const needing = (needs: Partial<Host['needs']>): Host => ({
  ...fine,
  needs: { ...fine.needs, ...needs },
})
const portsOf = (ports: Partial<Host['needs']['ports']>, sockets = 1000): Host =>
  needing({ sockets, ports: { ...fine.needs.ports, ...ports } })

describe('resources of a host', () => {
  it('are enough', () => {
    const all = [judgeCores, judgeMemory, judgeDescriptors].map((judge) => judge(fine).status)
    assert.deepEqual([...all, judgePorts(fine, null).status], ['ok', 'ok', 'ok', 'ok'])
  })

  for (const [what, host, remedy] of [
    [
      'a limit',
      needing({ descriptors: 5000 }),
      /^ssh load1 ".*'ann - nofile 8192' \| sudo tee \/etc/,
    ],
    [
      'a limit beyond what the kernel lets be set',
      { ...needing({ descriptors: 1_500_000 }), place: here },
      /^sysctl -w fs\.nr_open=2097152 && echo 'ann - nofile 2097152' > /,
    ],
  ] as const) {
    it(`descriptors: ${what}`, () => {
      const { status, remedy: told } = judgeDescriptors(host)
      assert.equal(status, 'fault')
      assert.match(told ?? '', remedy)
    })
  }

  for (const [what, host, remedy] of [
    [
      'a wider range is enough',
      portsOf({ needed: 60_000 }),
      /sudo sysctl -w net\.ipv4\.ip_local_port_range="1024 65535"'$/,
    ],
    ['TIME_WAIT is what takes them', portsOf({ needed: 90_000 }), /tcp_tw_reuse=1"?$/],
    [
      'both are needed',
      portsOf({ needed: 90_000 }, 50_000),
      /port_range="1024 65535" net\.ipv4\.tcp_tw_reuse=1'$/,
    ],
    [
      'there are too few addresses',
      portsOf({ needed: 200_000 }, 150_000),
      /^2 more <ip value="…"\/> in <client host="load1">$/,
    ],
    [
      'the scenario has a range of its own',
      portsOf({ needed: 60_000, isOption: true }),
      /^<option name="ports_range"/,
    ],
  ] as const) {
    it(`ports: ${what}`, () => {
      const { status, remedy: told } = judgePorts(host, null)
      assert.equal(status, 'fault')
      assert.match(told ?? '', remedy)
    })
  }

  for (const [taken, status] of [
    [8000, 'ok'],
    [9000, 'warning'],
  ] as const) {
    it(`ports: ${taken} that others have: ${status}`, () => {
      const answer = { type: 'ports', taken, listening: [40_000] } as const
      assert.equal(judgeTaken(fine, answer).status, status)
    })
  }

  for (const [what, memoryBytes, status] of [
    ['fits', 3e9, 'ok'],
    ['would fit if others had less', 5e9, 'fault'],
    ['never fits', 9e9, 'fault'],
  ] as const) {
    it(`memory that ${what}: ${status}`, () => {
      assert.equal(judgeMemory(needing({ memoryBytes })).status, status)
    })
  }

  it('cores: more launchers than there are', () => {
    const { status, text, remedy } = judgeCores(needing({ launchers: 3 }))
    assert.deepEqual(
      [status, text, remedy],
      ['warning', '3 launchers on 2 cores: they will be late', '<client host="load1" cpu="auto"/>'],
    )
  })
})
