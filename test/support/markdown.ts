/** What a test wants to know of a page of the documentation. */
export interface Page {
  readonly links: readonly string[]
  /** As GitHub makes them of headings. */
  readonly anchors: readonly string[]
  /** Lines of shell blocks without their comments, and inline code. */
  readonly commands: readonly string[]
}

export function readPage(text: string): Page {
  const withoutBlocks = text.replace(/^```.*?^```/gms, '')
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].map((match) => match[1]!)
  return {
    links: [...withoutBlocks.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!),
    anchors: [...withoutBlocks.matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1]!)),
    commands: [
      ...blocks.flatMap((block) => block.split('\n')).map((line) => line.replace(/\s+#.*$/, '')),
      ...[...withoutBlocks.matchAll(/`([^`\n]+)`/g)].map((match) => match[1]!),
    ],
  }
}

/** The text of a section: from its heading to the next of the same depth. */
export function section(text: string, heading: string): string {
  const start = text.indexOf(`\n## ${heading}\n`)
  if (start < 0) throw new Error(`there is no section "${heading}"`)
  const end = text.indexOf('\n## ', start + 1)
  return text.slice(start, end < 0 ? undefined : end)
}

function anchorOf(heading: string): string {
  const plain = heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '')
  return plain.trim().replace(/\s/g, '-')
}
