/** Commands that mend what is wrong, to be pasted into the shell of whoever runs `tsts`. */
import { shellWord } from '../ssh/shell.ts'

/** Where a command has to run, and how to get there. */
export interface Place {
  readonly host: string
  readonly isLocal: boolean
  /** Who the agent is there; null: it was never asked. */
  readonly isRoot: boolean | null
  /** How people reach the host: the words of a command, the host last. */
  readonly ssh: readonly string[]
}

/** A command that changes the system of the host: with sudo, unless the login is root's. */
export function asRoot(place: Place, command: string): string {
  const isList = /[;|&<>]/.test(command)
  const asOther = isList ? `sudo sh -c ${shellWord(command)}` : `sudo ${command}`
  return onHost(place, place.isRoot ? command : asOther)
}

/** A text into a file that only root may write; as a whole, so that it may be done twice. */
export function rootFile(place: Place, path: string, line: string): string {
  const write = place.isRoot ? `> ${path}` : `| sudo tee ${path} > /dev/null`
  return onHost(place, `echo ${shellWord(line)} ${write}`)
}

export function onHost({ isLocal, ssh }: Place, command: string): string {
  return isLocal ? command : `${ssh.map(word).join(' ')} ${quoted(command)}`
}

/** Double quotes where that is easier to read: nothing in it means anything to a shell then. */
function quoted(command: string): string {
  return /["$`\\!]/.test(command) ? shellWord(command) : `"${command}"`
}

/** As it is, when no shell would read anything into it. */
export function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : shellWord(text)
}
