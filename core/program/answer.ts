import { bodyOf } from '../extract/body.ts'
import { parseHtml } from '../extract/html.ts'
import { type JsonValue, parseJson } from '../extract/json.ts'
import type { TreeNode } from '../extract/tree.ts'
import type { ChecksObserver } from './checks.ts'

/** One answer while it is looked at: what several variables and matches want of it is worked out once, when first asked for. */
export class Answer {
  /** Byte string: headers and body. */
  readonly content: string
  readonly observer: ChecksObserver
  #body: string | null = null
  /** Undefined: not parsed yet. */
  #html: TreeNode | null | undefined = undefined
  #json: JsonValue | undefined = undefined
  #hasJson = false

  constructor(content: string, observer: ChecksObserver) {
    this.content = content
    this.observer = observer
  }

  /** What follows the headers; everything when there are none. */
  get body(): string {
    this.#body ??= bodyOf(this.content) ?? this.content
    return this.#body
  }

  /** Null: it has no element, which is counted once. */
  get html(): TreeNode | null {
    if (this.#html === undefined) {
      this.#html = parseHtml(this.body)
      if (this.#html === null) this.observer.count('error_xml_unparsable')
    }
    return this.#html
  }

  /** Undefined: it is none, which is counted once. */
  get json(): JsonValue | undefined {
    if (!this.#hasJson) {
      this.#hasJson = true
      this.#json = parseJson(this.body)
      if (this.#json === undefined) this.observer.count('error_json_unparsable')
    }
    return this.#json
  }
}
