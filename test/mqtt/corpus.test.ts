import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { faultsOf } from '../corpus/play-files.ts'
import { corpus, corpusEntries, hasCorpus, readFromCorpus } from '../support/corpus.ts'
import { type Mosquitto, startMosquitto } from './mosquitto.ts'

/** Its data files are not stored: two users get the same client id, and the second takes over. */
const twins = /mqtt_test_dy2-5\.xml: \[\["error_closed_in_answer",1\]\]$/

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
    const faults = await faultsOf(files, broker.port, (file, { counters }) => {
      assert.ok(counters['mqtt_connected']! > 0, `${file}: ${JSON.stringify(counters)}`)
      if (counters['mqtt_published']! > 0) published.push(file)
    })
    console.log(`      ${files.length} were run`)
    assert.deepEqual(
      faults.filter((fault) => !twins.test(fault)),
      [],
    )
    assert.ok(published.length > 0)
  })
})
