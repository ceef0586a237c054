import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { HealthMonitor } from '../../launcher/health.ts'

function block(ms: number): void {
  const endMs = performance.now() + ms
  while (performance.now() < endMs) {
    // Nobody else gets a turn.
  }
}

describe('health of a launcher', () => {
  for (const [title, takesFirst] of [
    ['before its interval ends', false],
    ['just when its interval ends', true],
  ] as const) {
    it(`a loop that stood still ${title} is told once`, async () => {
      const health = new HealthMonitor()
      await sleep(50)
      health.take(0)
      await sleep(50)
      const told = await new Promise<number>((resolve) => {
        setTimeout(() => {
          block(400)
          if (takesFirst) resolve(health.take(0).loopDelayMaxMs)
          else setTimeout(() => resolve(health.take(0).loopDelayMaxMs), 50)
        }, 20)
      })
      await sleep(50)
      const after = health.take(0).loopDelayMaxMs
      await sleep(50)
      const later = health.take(0).loopDelayMaxMs
      assert.ok(Math.max(told, after) >= 350, `${told} ms, ${after} ms`)
      assert.ok(Math.min(told, after) < 350 && later < 350, `${told}, ${after}, ${later} ms`)
    })
  }
})
