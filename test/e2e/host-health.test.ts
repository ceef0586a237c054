/** How hosts fared is told in the summary and in the series. */
import assert from 'node:assert/strict'
import type { SeriesLine } from '../../controller/outputs/series.ts'
import { RunCase } from '../support/run-case.ts'
import { TstsProcess } from '../support/tsts-process.ts'

describe('how the host of a run fared', function () {
  this.timeout(90_000)

  for (const [what, seconds] of [
    ['a run of 5 s', 5],
    ['a run that is over before it would be told', 1],
  ] as const) {
    it(`is told of ${what}`, async () => {
      const run = await RunCase.open()
      try {
        const tsts = new TstsProcess(run.arguments({ phaseSeconds: seconds, client: 'cpu="2"' }))
        await tsts.ended
        const { hosts } = run.summary
        assert.equal(hosts.length, 1)
        const [host] = hosts
        assert.equal(host!.host, 'localhost')
        assert.ok(host!.told >= 1 && host!.cores > 0)
        assert.ok(host!.cpuMax > 0 && host!.cpuMax <= 1)
        assert.ok(host!.memoryAvailableBytesMin > 0 && host!.descriptorsMax > 0)
        assert.ok(host!.portsAvailable > 0 && host!.portsUsedMax > 0)
        if (seconds < 5) return
        const told = run
          .read('series.ndjson')
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as SeriesLine)
          .flatMap((line) => (line.type === 'second' && line.hosts ? [line.hosts] : []))
        assert.ok(told.length >= 1 && told.length <= host!.told)
        assert.ok(told.every((each) => each['localhost']!.cpu >= 0))
      } finally {
        run.close()
      }
    })
  }
})
