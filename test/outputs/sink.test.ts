import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { type FileHandle, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { FileSink, StreamSink } from '../../controller/outputs/sink.ts'
import { requirePath } from '../support/peers.ts'
import { newFolder } from './synthetic-run.ts'

describe('file sink', () => {
  it('writes everything in order, small and large', async () => {
    const { folder, remove } = await newFolder()
    try {
      const sink = new FileSink(join(folder, 'a.log'), assert.fail)
      const lines = Array.from(
        { length: 5000 },
        (_, index) => `line ${index} ${'é'.repeat(index % 90)}\n`,
      )
      for (const line of lines) sink.write(line)
      await sink.close()
      assert.equal(await readFile(join(folder, 'a.log'), 'utf8'), lines.join(''))
    } finally {
      await remove()
    }
  })

  it('leaves a file as it is once it is closed', async () => {
    const { folder, remove } = await newFolder()
    const sink = new FileSink(join(folder, 'a.log'), assert.fail)
    sink.write('first\n')
    await sink.close()
    sink.write('late\n')
    await sink.close()
    assert.equal(await readFile(join(folder, 'a.log'), 'utf8'), 'first\n')
    await remove()
  })

  it('replaces a file that is there', async () => {
    const { folder, remove } = await newFolder()
    try {
      for (const text of ['a long first text\n', 'short\n']) {
        const sink = new FileSink(join(folder, 'a.log'), assert.fail)
        sink.write(text)
        await sink.close()
      }
      assert.equal(await readFile(join(folder, 'a.log'), 'utf8'), 'short\n')
    } finally {
      await remove()
    }
  })

  it('makes the file before anything is written to it', async () => {
    const { folder, remove } = await newFolder()
    try {
      await new FileSink(join(folder, 'match.log'), assert.fail).close()
      assert.equal(await readFile(join(folder, 'match.log'), 'utf8'), '')
    } finally {
      await remove()
    }
  })

  it('tells of a full disk once, and goes on', async function () {
    requirePath(this, '/dev/full', 'a Linux device that is always full')
    const told: string[] = []
    const sink = new FileSink('/dev/full', (text) => told.push(text))
    for (let round = 0; round < 3; round++) sink.write('x'.repeat(100_000))
    await sink.close()
    assert.deepEqual(told, ['cannot write /dev/full: the disk is full (ENOSPC)'])
  })

  it('tells of a folder that is not there, once', async () => {
    const { folder, remove } = await newFolder()
    await remove()
    const told: string[] = []
    const sink = new FileSink(join(folder, 'a.log'), (text) => told.push(text))
    sink.write('a\n')
    await sink.close()
    assert.equal(told.length, 1)
    assert.match(told[0]!, /its folder is not there \(ENOENT\)$/)
  })

  it('tells what the system says when the file cannot be one', async () => {
    const { folder, remove } = await newFolder()
    try {
      const told: string[] = []
      const sink = new FileSink(folder, (text) => told.push(text))
      sink.write('a\n')
      await sink.close()
      assert.equal(told.length, 1)
      assert.match(told[0]!, /EISDIR/)
    } finally {
      await remove()
    }
  })
})

describe('file sink at a pipe', () => {
  /** What happens to a named pipe in the place of a file. @param reader opens it, or does not */
  async function pipeCase(reads: boolean): Promise<readonly string[]> {
    const { folder, remove } = await newFolder()
    const path = join(folder, 'match.log')
    execFileSync('mkfifo', [path])
    const reader = reads ? openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) : null
    try {
      const told: string[] = []
      const sink = new FileSink(path, (text) => told.push(text.replace(folder, '')))
      for (let line = 0; line < 20; line++) sink.write('x'.repeat(100_000))
      await sink.close()
      return told
    } finally {
      if (reader !== null) closeSync(reader)
      await remove()
    }
  }

  it('that nobody has opened: told, and the run goes on', async () => {
    assert.deepEqual(await pipeCase(false), [
      'cannot write /match.log: it is a pipe that nobody reads (ENXIO)',
    ])
  })

  it('whose reader sleeps: told, and the run goes on', async () => {
    assert.deepEqual(await pipeCase(true), [
      'cannot write /match.log: its reader does not keep up, lines were dropped (EAGAIN)',
    ])
  })
})

describe('file sink at a disk that hangs', function () {
  this.timeout(30_000)

  it('keeps a bounded text, tells once, and ends all the same', async () => {
    const told: string[] = []
    const hangs = (): Promise<FileHandle> => new Promise(() => undefined)
    const sink = new FileSink('/slow', (text) => told.push(text), 'utf8', 50, hangs)
    const megabyte = 'x'.repeat(1024 * 1024)
    for (let text = 0; text < 100; text++) sink.write(megabyte)
    await sink.close()
    assert.deepEqual(told, ['cannot write /slow: the disk does not keep up, lines were dropped'])
  })
})

describe('stream sink', function () {
  this.timeout(30_000)

  it('keeps a bounded text for a reader that takes nothing, tells once, and ends', async () => {
    const told: string[] = []
    const stream = new Writable({ write: () => undefined })
    const sink = new StreamSink(stream, (text) => told.push(text), 50)
    const megabyte = 'x'.repeat(1024 * 1024)
    for (let text = 0; text < 100; text++) sink.write(megabyte)
    assert.ok(stream.writableLength <= 32 * 1024 * 1024)
    await sink.close()
    assert.deepEqual(told, ['nobody reads the output stream: text was left out'])
  })

  it('writes through and leaves the stream open', async () => {
    const stream = new PassThrough()
    const sink = new StreamSink(stream, assert.fail)
    sink.write('a\n')
    await sink.close()
    assert.equal(String(stream.read()), 'a\n')
    assert.equal(stream.writable, true)
  })

  it('tells once of a reader that has gone', async () => {
    const told: string[] = []
    const stream = new Writable({
      write: (_chunk, _encoding, done) =>
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    })
    const sink = new StreamSink(stream, (text) => told.push(text))
    sink.write('a\n')
    await new Promise((resolve) => stream.once('close', resolve))
    sink.write('b\n')
    await sink.close()
    assert.deepEqual(told, ['cannot write to the output stream: write EPIPE'])
  })
})
