import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileGiver, fetchOffered } from '../../launcher/spread.ts'

describe('a file that a host gives to another', () => {
  const bytes = randomBytes(3_000_000)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  let folder: string
  let giver: FileGiver
  let source: string
  let place: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsts-spread-'))
    giver = new FileGiver('127.0.0.1')
    source = join(folder, 'source')
    place = join(folder, 'place')
    writeFileSync(source, bytes)
  })
  afterEach(() => {
    giver.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('arrives whole', async () => {
    assert.equal(await fetchOffered(await giver.offer(source, 'one'), sha256, place), null)
    assert.ok(readFileSync(place).equals(bytes))
  })

  it('is given once for a token', async () => {
    const offer = await giver.offer(source, 'one')
    await fetchOffered(offer, sha256, place)
    rmSync(place)
    assert.match((await fetchOffered(offer, sha256, place))!, /the offer is not there \(404\)/)
    assert.deepEqual(readdirSync(folder), ['source'])
  })

  it('is not given for another token, nor is another file', async () => {
    const offer = await giver.offer(source, 'one')
    for (const token of ['two', '', '../source', encodeURIComponent(source)]) {
      assert.match((await fetchOffered({ ...offer, token }, sha256, place))!, /404/)
    }
    assert.deepEqual(readdirSync(folder), ['source'])
  })

  it('is not kept when it is not what it should be', async () => {
    const offer = await giver.offer(source, 'one')
    const why = await fetchOffered(offer, '0'.repeat(64), place)
    assert.match(why!, /it is not the file that it should be/)
    assert.deepEqual(readdirSync(folder), ['source'])
  })

  it('is offered no more when the listener is closed', async () => {
    const offer = await giver.offer(source, 'one')
    giver.close()
    assert.match((await fetchOffered(offer, sha256, place))!, /ECONNREFUSED/)
  })

  it('that is gone is told', async () => {
    const offer = await giver.offer(join(folder, 'nothing'), 'one')
    assert.match((await fetchOffered(offer, sha256, place))!, /404/)
  })

  it('is there for a client as simple as a shell', async () => {
    const { port, token } = await giver.offer(source, 'one')
    const socket = connect(port, '127.0.0.1')
    socket.write(`GET /${token} HTTP/1.0\r\n\r\n`)
    const parts: Buffer[] = []
    for await (const part of socket) parts.push(part as Buffer)
    const answer = Buffer.concat(parts)
    const head = answer.indexOf('\r\n\r\n')
    assert.match(answer.toString('latin1', 0, head), /^HTTP\/1\.1 200 /)
    assert.ok(answer.subarray(head + 4).equals(bytes))
  })
})
