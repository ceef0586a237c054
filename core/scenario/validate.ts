/**
 * What the table of elements demands of a tree: which elements stand where, in which order, with which attributes.
 * Tsung has a validating parser for it; what that lets through is let through here.
 */
import type { AttributeDeclaration } from './declaration.ts'
import type { ElementTable, TableElement } from './elements.ts'
import { faultOf } from './lexical.ts'
import type { Report } from './report.ts'
import { nearest } from './suggest.ts'
import type { XmlElement } from './xml/tree.ts'

/**
 * Reports everything that is wrong in the tree.
 *
 * @param isDeclared whether the scenario's own DOCTYPE declares the attribute
 */
export function validate(
  root: XmlElement,
  table: ElementTable,
  isDeclared: (element: string, attribute: string) => boolean,
  report: Report,
): void {
  const checks = { table, isDeclared, report }
  if (root.name !== 'tsung') {
    const known = table.has(root.name)
    const hint = known ? `a scenario begins with <tsung>; is this a part of one?` : undefined
    const text = `the root element is <${root.name}>, not <tsung>`
    report.error('E_ROOT', text, root.position, hint)
    return
  }
  checkElement(root, table.get('tsung')!, checks)
}

interface Checks {
  readonly table: ElementTable
  readonly isDeclared: (element: string, attribute: string) => boolean
  readonly report: Report
}

function checkElement(element: XmlElement, declaration: TableElement, checks: Checks): void {
  checkAttributes(element, declaration, checks)
  checkText(element, declaration, checks.report)
  checkChildren(element, declaration, checks)
  for (const child of element.children) {
    const known = checks.table.get(child.name)
    if (known !== undefined) checkElement(child, known, checks)
  }
}

function checkAttributes(element: XmlElement, declaration: TableElement, checks: Checks): void {
  const { report, isDeclared } = checks
  const misspelt = new Set<string>()
  for (const [name, value] of element.attributes) {
    const attribute = own(declaration.attributes, name)
    const position = element.attributePosition(name)
    if (attribute !== undefined) {
      checkValue(element, name, value, attribute, report)
    } else if (isDeclared(element.name, name)) {
      const text = `<${element.name}> has no attribute ${name}; that the DOCTYPE declares it changes nothing`
      report.warning('W_DECLARED_ATTRIBUTE', text, position)
    } else {
      const names = Object.keys(declaration.attributes)
      const has = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`
      const near = nearest(name, names)
      if (near !== null) misspelt.add(near)
      const hint = near === null ? has : `did you mean ${near}?`
      report.error(
        'E_UNKNOWN_ATTRIBUTE',
        `<${element.name}> has no attribute ${name}`,
        position,
        hint,
      )
    }
  }
  for (const [name, attribute] of Object.entries(declaration.attributes)) {
    // What is there under a wrong name was told.
    if (element.attributes.has(name) || misspelt.has(name)) continue
    if (attribute.required !== true) continue
    const text = `<${element.name}> needs the attribute ${name}`
    report.error('E_MISSING_ATTRIBUTE', text, element.position, `${name}: ${attribute.doc}`)
  }
}

function checkValue(
  element: XmlElement,
  name: string,
  value: string,
  declaration: AttributeDeclaration,
  report: Report,
): void {
  const position = element.attributePosition(name)
  const { onlyWith, token } = declaration
  const condition = onlyWith && element.attributes.get(onlyWith.attribute)
  const isOfUse = condition === undefined || onlyWith!.values.includes(condition)
  const asToken = { type: 'string', doc: '', ...(token === undefined ? {} : { token }) } as const
  const fault = faultOf(value, isOfUse || declaration.type === 'enum' ? declaration : asToken)
  if (fault !== null) {
    const text = `${name} of <${element.name}>: ${fault.text}`
    report.error('E_BAD_ATTRIBUTE', text, position, fault.hint)
  } else if (!isOfUse) {
    const text = `${name} does nothing with ${onlyWith!.attribute}="${condition}"`
    report.warning('W_UNUSED_ATTRIBUTE', text, position)
  } else if (declaration.anyWord === true && value !== 'true' && value !== 'false') {
    const text = `${name} of <${element.name}>: "${value}" counts as false`
    report.warning('W_NOT_BOOLEAN', text, position, 'write true or false')
  } else if (declaration.type === 'number' && value === '') {
    report.warning(
      'W_EMPTY_NUMBER',
      `${name} of <${element.name}> is empty: it counts as 0`,
      position,
    )
  }
}

function checkText(element: XmlElement, declaration: TableElement, report: Report): void {
  const { name } = element
  if (declaration.content === 'empty') {
    if (!element.hasText) return
    const text = `<${name}> may not hold anything, not even blanks`
    const hint = `write <${name} …/>, or </${name}> right behind the start tag`
    report.error('E_NOT_EMPTY', text, element.position, hint)
  } else if (declaration.content === 'elements') {
    const position = element.strayTextAt()
    if (position === null) return
    report.error('E_STRAY_TEXT', `text cannot stand in <${name}>`, position)
  } else if (element.hasLostText) {
    const text = `the text of <${name}> ends at the comment or element in it, as in Tsung`
    report.warning('W_LOST_TEXT', text, element.position, 'put the whole text first')
  }
}

function checkChildren(element: XmlElement, declaration: TableElement, checks: Checks): void {
  const { report, table } = checks
  const allowed = declaration.compiled?.names ?? []
  const inOrder: XmlElement[] = []
  for (const child of element.children) {
    if (allowed.includes(child.name)) inOrder.push(child)
    else refuseChild(element, child, allowed, table, report)
  }
  const fault = declaration.compiled?.check(inOrder.map(({ name }) => name)) ?? null
  if (fault === null) return
  const child = inOrder[fault.index]
  const expected = fault.expected.map((name) => `<${name}>`).join(', ')
  const hint = `the content of <${element.name}> is ${declaration.model}`
  if (child === undefined) {
    // What is missing may stand here under a wrong name, which was told.
    if (inOrder.length < element.children.length) return
    const text = `<${element.name}> lacks ${expected}`
    report.error('E_MISSING_ELEMENT', text, element.position, hint)
    return
  }
  const before =
    fault.expected.length === 0 ? 'nothing more may follow' : `it takes ${expected} here`
  const text = `<${child.name}> cannot stand here in <${element.name}>: ${before}`
  report.error('E_ORDER', text, child.position, hint)
}

function refuseChild(
  element: XmlElement,
  child: XmlElement,
  allowed: readonly string[],
  table: ElementTable,
  report: Report,
): void {
  const known = table.get(child.name)
  if (known !== undefined) {
    const parents = known.parents.map((name) => `<${name}>`).join(', ')
    const text = `<${child.name}> cannot stand in <${element.name}>`
    const hint = parents === '' ? 'it is the root element' : `it belongs in ${parents}`
    report.error('E_MISPLACED', text, child.position, hint)
    return
  }
  const near = nearest(child.name, allowed) ?? nearest(child.name, table.keys())
  const hint = near === null ? undefined : `did you mean <${near}>?`
  report.error('E_UNKNOWN_ELEMENT', `there is no element <${child.name}>`, child.position, hint)
}

/** Not what every object has from its prototype. */
function own<T>(record: { readonly [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
