import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Nginx {
  readonly port: number
  stop(): Promise<void>
}

/** 1 KB of HTML with a token in it. */
const page = `<html><body><form><input type="hidden" name="token" value="a7d3c9">${'<p>lorem ipsum dolor sit amet</p>'.repeat(28)}</form></body></html>`

/**
 * An nginx of our own on 127.0.0.1, one worker, pinned to one core: the target of every comparison.
 *
 * @throws when nginx is not installed (`apt-get install nginx-light`)
 */
export async function startNginx(core: number, port: number): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'tsts-nginx-'))
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; worker_processes 1; pid ${folder}/pid; error_log stderr crit;
events { worker_connections 19000; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s; tcp_nodelay on;
  client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server {
    listen 127.0.0.1:${port} backlog=16384;
    location /page { default_type text/html; return 200 '${page}'; }
    location / { default_type text/plain; return 200 "hello, world\\n"; }
  }
}
`,
  )
  const args = ['-c', String(core), 'nginx', '-c', join(folder, 'nginx.conf'), '-p', folder]
  const child = spawn('taskset', args, { stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    await listening(port, child)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  return {
    port,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (child.exitCode !== null) throw new Error('nginx did not start')
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.on('connect', () => {
        socket.destroy()
        resolve(true)
      })
      socket.on('error', () => resolve(false))
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('nginx does not listen')
}
