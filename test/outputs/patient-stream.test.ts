import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { PatientStream, type TextStream } from '../../controller/outputs/patient-stream.ts'

describe('patient stream', function () {
  this.timeout(30_000)

  it('passes everything on, in order', async () => {
    const target = new PassThrough()
    const stream = new PatientStream(target)
    for (let line = 0; line < 1000; line++) stream.write(`line ${line}\n`)
    await stream.settled()
    const wanted = Array.from({ length: 1000 }, (_, line) => `line ${line}\n`).join('')
    assert.equal(String(target.read()), wanted)
  })

  it('is as wide as its terminal and tells of its resizing', () => {
    const target = Object.assign(new PassThrough(), { isTTY: true, columns: 100, rows: 30 })
    const stream = new PatientStream(target)
    let resized = 0
    stream.on('resize', () => resized++)
    target.emit('resize')
    assert.deepEqual([stream.isTTY, stream.columns, stream.rows, resized], [true, 100, 30, 1])
  })

  it('leaves out what nobody reads, says so, and ends', async () => {
    let taken = 0
    let takes: (() => void) | null = null
    const target = new Writable({
      decodeStrings: false,
      write: (text: string, _encoding, done) => {
        taken += text.length
        takes = done
      },
    })
    const stream = new PatientStream(target)
    const frame = 'x'.repeat(10_000)
    for (let second = 0; second < 1000; second++) stream.write(frame)
    await stream.settled()
    assert.equal(taken, 10_000)
    assert.equal(stream.writableLength, 0)
    takes!()
    await new Promise((resolve) => setImmediate(resolve))
    assert.ok(taken < 300_000, `${taken} characters`)
  })

  it('a terminal that was stopped stops nobody, and goes on when it takes again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tsts-patient-'))
    const path = join(folder, 'terminal')
    execFileSync('mkfifo', [path])
    // A pipe stands for it: both take only so much.
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const fd = openSync(path, constants.O_WRONLY)
    try {
      const terminal: TextStream = Object.assign(new PassThrough(), { isTTY: true, fd })
      const stream = new PatientStream(terminal)
      const lines = Array.from({ length: 2000 }, (_, at) => `line ${at} ${'.'.repeat(90)}\n`)
      for (const line of lines) stream.write(line)
      // The loop turns while the pipe is full.
      await new Promise((resolve) => setTimeout(resolve, 100))
      let got = ''
      const buffer = Buffer.alloc(1 << 20)
      const wanted = lines.join('')
      const endMs = performance.now() + 20_000
      while (got.length < wanted.length && performance.now() < endMs) {
        got += buffer.toString('utf8', 0, readSome(reader, buffer))
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      assert.equal(got, wanted)
      await stream.settled()
    } finally {
      closeSync(fd)
      closeSync(reader)
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

/** Bytes that are there now. */
function readSome(fd: number, buffer: Buffer): number {
  try {
    return readSync(fd, buffer)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0
    throw error
  }
}
