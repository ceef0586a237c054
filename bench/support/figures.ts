import { spawn, spawnSync } from 'node:child_process'

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** `median (lowest–highest)`, thousands separated. */
export function spread(values: readonly number[]): string {
  const text = (value: number): string => Math.round(value).toLocaleString('en')
  return `${text(median(values))} (${text(Math.min(...values))}–${text(Math.max(...values))})`
}

export function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
}

/**
 * Runs a command on one core and returns what it printed.
 *
 * @throws when it ends with an unexpected exit code
 */
export function pinned(
  core: number,
  command: readonly string[],
  okCodes: readonly number[] = [0],
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('taskset', ['-c', String(core), ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (bytes: Buffer) => {
      output += bytes.toString()
    })
    child.stderr.on('data', (bytes: Buffer) => {
      output += bytes.toString()
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code !== null && okCodes.includes(code)) resolve(output)
      else reject(new Error(`${command.join(' ')} ended with ${code}:\n${output}`))
    })
  })
}
