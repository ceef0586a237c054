import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { join } from 'node:path'
import { WebSocketServer } from 'ws'
import { corpus, readFromCorpus, storedFile } from '../support/corpus.ts'

/** What stands for every server that scenarios name: it speaks HTTP and WebSocket, and says back the rest. */
export interface StandIn {
  readonly port: number
  close(): Promise<void>
}

const page = `<html><head><title>Stand-in</title></head><body>
<form action="/go"><input type="hidden" name="token" value="abc123"><input name='csrf' value='xyz'></form>
<a href="/one">one</a><a href="/two">two</a><img src="/i.png"></body></html>`
const json = JSON.stringify({ id: 7, token: 'abc123', items: [{ id: 1 }, { id: 2 }], name: 'x' })

export async function openStandIn(): Promise<StandIn> {
  const http = createServer(answer)
  http.keepAliveTimeout = 60_000
  const webSockets = new WebSocketServer({ noServer: true, handleProtocols: firstOf })
  webSockets.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
  http.on('upgrade', (request, socket, head) => {
    webSockets.handleUpgrade(request, socket, head, (open) => webSockets.emit('connection', open))
  })
  const server = createTcpServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', (first) => {
      const isHttp = /^[A-Z]+ \S+ HTTP\//.test(first.toString('latin1'))
      socket.pause()
      socket.unshift(first)
      if (isHttp) http.emit('connection', socket)
      else socket.pipe(socket)
      socket.resume()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const cut = (): void => {
    for (const client of webSockets.clients) client.terminate()
    http.closeAllConnections()
  }
  return { port, close: () => closed(server, cut) }
}

function firstOf(protocols: ReadonlySet<string>): string | false {
  return [...protocols][0] ?? false
}

function closed(server: Server, cut: () => void): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    cut()
  })
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const isJson = /json|api/i.test(`${request.url} ${request.headers['content-type']}`)
  request.resume()
  response.setHeader('Set-Cookie', 'visit=1; Path=/')
  response.setHeader('Content-Type', isJson ? 'application/json' : 'text/html')
  response.end(isJson ? json : page)
}

/** A scenario that can be run here, and the files it needs beside it. */
export interface LocalScenario {
  readonly xml: string
  readonly files: ReadonlyMap<string, Buffer>
}

/**
 * The scenario with every host that it names replaced by the stand-in, short think times, and one user per session.
 * Sessions, requests and all they do stay as they are.
 */
export function localScenario(file: string, port: number): LocalScenario {
  const files = new Map<string, Buffer>()
  const { expandedXml } = readFromCorpus(file, readFileSync(join(corpus, file)))
  const here = `127.0.0.1:${port}`
  let xml = expandedXml
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(
      /<clients>[\s\S]*<\/clients>/,
      '<clients><client host="localhost" maxusers="1000"/></clients>',
    )
    .replace(
      /<servers>[\s\S]*<\/servers>/,
      `<servers><server host="127.0.0.1" port="${port}" type="tcp"/></servers>`,
    )
    .replace(/<monitoring>[\s\S]*<\/monitoring>/, '')
    .replace(
      /<load[\s>][\s\S]*<\/load>/,
      '<load duration="3" unit="second"><user session="*" start_time="0" unit="second"/></load>',
    )
    .replace(/<option[^>]*name\s*=\s*["'](thinktime|ports_range|rate_limit)["'][^>]*\/>/g, '')
    .replace(/(<change_type[^>]*?)host="[^"]*"/g, '$1host="127.0.0.1"')
    .replace(/(<change_type[^>]*?)port="[^"]*"/g, `$1port="${port}"`)
    .replace(/(<change_type[^>]*?)server_type="ssl6?"/g, '$1server_type="tcp"')
    .replace(/https?:\/\/[A-Za-z0-9][A-Za-z0-9.-]*(:\d+)?/g, `http://${here}`)
    .replace(/(<thinktime[^>]*?value=["'])[\d.]+/g, '$10.02')
    .replace(/(<mqtt[^>]*?timeout=["'])[\d.]+/g, '$10.02')
    .replace(/<thinktime[^>]*?min=[^>]*\/>/g, '<thinktime value="0.02"/>')
  xml = /<options\s*\/?>/.test(xml)
    ? xml.replace(/<options\s*\/>/, '').replace(/<options>/, `<options>${short}`)
    : xml.replace(/<sessions>/, `<options>${short}</options><sessions>`)
  for (const [, path = ''] of xml.matchAll(
    /(?:value|contents_from_file)=["']([^"'<>]*\.\w{2,4})["']/g,
  )) {
    const name = path.replace(/^.*\//, '')
    const stored = storedFile(file, path) ?? rowsOfItsOwn(name)
    files.set(name, Buffer.from(withoutHosts(stored.toString('latin1'), here), 'latin1'))
    xml = xml.replaceAll(`"${path}"`, `"${name}"`).replaceAll(`'${path}'`, `'${name}'`)
  }
  return { xml, files }
}

/** Rows that no other file of the scenario has: users that take their names from two files are not the same. */
function rowsOfItsOwn(name: string): Buffer {
  const word = name.replace(/\W/g, '')
  return Buffer.from(`one${word};two;three\nfour${word};five;six\n`)
}

const short = '<option name="thinktime" value="0.02"/>'

function withoutHosts(text: string, here: string): string {
  return text.replace(/https?:\/\/[A-Za-z0-9][A-Za-z0-9.-]*(:\d+)?/g, `http://${here}`)
}
