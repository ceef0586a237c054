import assert from 'node:assert/strict'
import { type HostLimits, hostLimits } from '../core/host-limits.ts'

const gib = 1024 ** 3

function limitsOf(files: { readonly [path: string]: string }, parallelism = 8): HostLimits {
  return hostLimits({ parallelism, memoryBytes: 16 * gib, read: (path) => files[path] ?? null })
}

describe('cores of a host', () => {
  const v2 = '/sys/fs/cgroup'
  const nested = '0::/user.slice/load.scope\n'
  for (const [what, files, cores] of [
    ['no control group', {}, 8],
    [
      'version 2, no limit',
      { '/proc/self/cgroup': '0::/\n', [`${v2}/cpu.max`]: 'max 100000\n' },
      8,
    ],
    [
      'version 2, a quota at the root',
      { '/proc/self/cgroup': '0::/\n', [`${v2}/cpu.max`]: '200000 100000\n' },
      2,
    ],
    [
      'version 2, a fraction',
      { '/proc/self/cgroup': '0::/\n', [`${v2}/cpu.max`]: '150000 100000\n' },
      1.5,
    ],
    [
      'version 2, the own group allows less than those above',
      {
        '/proc/self/cgroup': nested,
        [`${v2}/user.slice/cpu.max`]: '400000 100000\n',
        [`${v2}/user.slice/load.scope/cpu.max`]: '50000 50000\n',
      },
      1,
    ],
    [
      'version 2, a group above allows less than the own',
      {
        '/proc/self/cgroup': nested,
        [`${v2}/user.slice/cpu.max`]: '300000 100000\n',
        [`${v2}/user.slice/load.scope/cpu.max`]: 'max 100000\n',
      },
      3,
    ],
    [
      'version 2, a path of the host that a container does not see',
      { '/proc/self/cgroup': '0::/docker/4f1c\n', [`${v2}/cpu.max`]: '100000 100000\n' },
      1,
    ],
    [
      'version 1, cpu and cpuacct together',
      {
        '/proc/self/cgroup': '11:memory:/x\n4:cpu,cpuacct:/x\n0::/\n',
        '/sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us': '250000\n',
        '/sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_period_us': '100000\n',
      },
      2.5,
    ],
    [
      'version 1 under its short name, at the root of a container',
      {
        '/proc/self/cgroup': '4:cpuacct,cpu:/docker/4f1c\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '100000\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
      1,
    ],
    [
      'version 1, no limit',
      {
        '/proc/self/cgroup': '4:cpu:/\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
      8,
    ],
    [
      'a quota above what there is',
      { '/proc/self/cgroup': '0::/\n', [`${v2}/cpu.max`]: '6400000 100000\n' },
      8,
    ],
  ] as const) {
    it(`${what}: ${cores}`, () => assert.equal(limitsOf(files).cores, cores))
  }
})

describe('other limits of a host', () => {
  it('memory is bounded by control groups, version 1 and 2', () => {
    const group2 = { '/proc/self/cgroup': '0::/a\n', '/sys/fs/cgroup/a/memory.max': `${gib}\n` }
    assert.equal(limitsOf(group2).memoryBytes, gib)
    const group1 = {
      '/proc/self/cgroup': '9:memory:/a\n',
      '/sys/fs/cgroup/memory/a/memory.limit_in_bytes': `${2 * gib}\n`,
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    }
    assert.equal(limitsOf(group1).memoryBytes, 2 * gib)
    const none = { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/memory.max': 'max\n' }
    assert.equal(limitsOf(none).memoryBytes, 16 * gib)
  })

  it('ports, descriptors and the reuse of TIME_WAIT are what the kernel says', () => {
    const limits = limitsOf({
      '/proc/sys/net/ipv4/ip_local_port_range': '1024\t65535\n',
      '/proc/sys/net/ipv4/tcp_tw_reuse': '1\n',
      '/proc/self/limits':
        'Limit  Soft Limit  Hard Limit  Units\nMax open files   20000   20000  files\n',
    })
    assert.deepEqual(limits.portRange, [1024, 65_535])
    assert.equal(limits.tcpTwReuse, 1)
    assert.equal(limits.descriptorLimit, 20_000)
  })

  it('are Linux defaults, or unknown, where there is no /proc', () => {
    const { portRange, tcpTwReuse, descriptorLimit } = limitsOf({})
    assert.deepEqual([portRange, tcpTwReuse, descriptorLimit], [[32_768, 60_999], 0, 0])
  })
})
