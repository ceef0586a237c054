import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Summary } from '../../controller/outputs/summary.ts'
import { faultsOf } from '../corpus/play-files.ts'
import { corpus, corpusEntries, hasCorpus, readFromCorpus } from '../support/corpus.ts'
import { type Mosquitto, startMosquitto } from './mosquitto.ts'

describe('each scenario of the corpus with MQTT', function () {
  this.timeout(120_000)
  if (!hasCorpus()) return
  let broker: Mosquitto

  before(async function () {
    broker = await startMosquitto(this)
  })
  after(() => broker?.close())

  it('is played to its end against Mosquitto, also those that need Tsung 1.8', async () => {
    const files = corpusEntries()
      .map(({ file }) => file)
      .filter((file) => /type=['"]ts_mqtt['"]/.test(readFileSync(join(corpus, file), 'latin1')))
      .filter((file) => readFromCorpus(file).scenario !== null)
    assert.ok(files.length >= 2, files.join())
    const published: string[] = []
    const faults: string[] = []
    const look = (file: string, { counters }: Summary): void => {
      assert.ok(counters['mqtt_connected']! > 0, `${file}: ${JSON.stringify(counters)}`)
      if (counters['mqtt_published']! > 0) published.push(file)
    }
    // One after the other: scenarios that name the same client would take it over from each other.
    for (const file of files) faults.push(...(await faultsOf([file], broker.port, look)))
    console.log(`      ${files.length} were run`)
    assert.deepEqual(faults, [])
    assert.ok(published.length > 0)
  })
})
