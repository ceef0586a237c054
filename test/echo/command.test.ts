import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { Writable } from 'node:stream'
import { type EchoFlags, echo } from '../../controller/commands/echo.ts'

const none: EchoFlags = {
  port: '0',
  host: null,
  delay: null,
  capacity: null,
  errorRate: null,
  status: null,
  size: null,
  seed: null,
  tls: false,
}

class Lines extends Writable {
  text = ''
  readonly columns = 80
  readonly rows = 24
  override _write(part: Buffer, _encoding: string, done: () => void): void {
    this.text += part.toString()
    done()
    this.emit('said')
  }
}

describe('tsts echo', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`says where it answers, and at ${signal} what it did`, async () => {
      const stdout = new Lines()
      const signals = new EventEmitter()
      const ended = echo({ ...none, size: '1k', status: '201' }, { stdout, signals })
      await new Promise((resolve) => stdout.once('said', resolve))
      const [url] = /^http:\S+/.exec(stdout.text)!
      const answer = await fetch(url)
      assert.equal(answer.status, 201)
      assert.equal((await answer.text()).length, 1024)
      signals.emit(signal, signal)
      assert.equal(await ended, 0)
      assert.match(stdout.text, /\n1 requests on 1 connections\n$/)
      assert.equal(signals.listenerCount(signal), 0)
    })
  }

  const refused: [Partial<EchoFlags>, RegExp][] = [
    [{ port: 'http' }, /--port wants a number from 0 to 65535, not "http"/],
    [{ port: '70000' }, /--port/],
    [{ port: '1.5' }, /--port/],
    [{ delay: 'soon' }, /--delay wants 20, uniform/],
    [{ errorRate: '2' }, /--error-rate wants a number from 0 to 1/],
    [{ capacity: '0' }, /--capacity wants a number from 1 to 1000000, not "0"/],
    [{ status: '100' }, /--status/],
    [{ size: 'big' }, /--size/],
    [{ size: '1000000M' }, /--size/],
    [{ host: '203.0.113.1' }, /nothing can be served on 203\.0\.113\.1 port 0/],
  ]
  for (const [flags, message] of refused) {
    it(`refuses ${JSON.stringify(flags)}`, async () => {
      const io = { stdout: new Lines(), signals: new EventEmitter() }
      await assert.rejects(echo({ ...none, ...flags }, io), { code: 'E_USAGE', message })
    })
  }
})
