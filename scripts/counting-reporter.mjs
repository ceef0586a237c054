// Mocha's spec reporter that also leaves its counts in the file named by the option `counts`.
import { writeFileSync } from 'node:fs'
import mocha from 'mocha'

export default class CountingReporter extends mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options)
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats
      const counts = { passed: passes, failed: failures, skipped: pending }
      writeFileSync(options.reporterOptions.counts, JSON.stringify(counts))
    })
  }
}
