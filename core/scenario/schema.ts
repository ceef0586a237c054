/** The table of elements as an XML Schema (XSD 1.0), so that editors complete and check scenarios as they are written. */
import type { ModelTree } from './content-model.ts'
import { type AttributeDeclaration, sinceText } from './declaration.ts'
import type { ElementTable, TableElement } from './elements.ts'

/** The whole document. It has no namespace, as scenarios have none. */
export function xmlSchema(table: ElementTable): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="unqualified">',
    ...documentation('Scenarios of Tsung and tsts.'),
    ...[...table.values()].flatMap((element) => elementLines(element)),
    '</xs:schema>',
    '',
  ].join('\n')
}

function elementLines(element: TableElement): readonly string[] {
  const since = element.since === undefined ? '' : ` (${sinceText(element.since)})`
  return [
    `<xs:element name="${element.name}">`,
    ...documentation(`${element.doc}${since}`),
    ...(element.content === 'text' ? textType(element) : elementsType(element)),
    '</xs:element>',
  ]
}

function textType({ attributes }: TableElement): readonly string[] {
  return [
    '<xs:complexType>',
    '<xs:simpleContent>',
    '<xs:extension base="xs:string">',
    ...attributeLines(attributes),
    '</xs:extension>',
    '</xs:simpleContent>',
    '</xs:complexType>',
  ]
}

function elementsType({ attributes, content, compiled }: TableElement): readonly string[] {
  const mixed = content === 'mixed' ? ' mixed="true"' : ''
  return [
    `<xs:complexType${mixed}>`,
    ...(compiled === null ? [] : modelLines(grouped(compiled.tree))),
    ...attributeLines(attributes),
    '</xs:complexType>',
  ]
}

/** A type holds a group, never an element by itself. */
function grouped(tree: ModelTree): ModelTree {
  return tree.type === 'name' ? { type: 'sequence', parts: [tree], sign: '' } : tree
}

/** Tsung wants order, not number: what should be there at least once may be absent. */
const occurrence: { readonly [Sign in ModelTree['sign']]: string } = {
  '': '',
  '?': ' minOccurs="0"',
  '*': ' minOccurs="0" maxOccurs="unbounded"',
  '+': ' minOccurs="0" maxOccurs="unbounded"',
}

function modelLines(tree: ModelTree): readonly string[] {
  const occurs = occurrence[tree.sign]
  if (tree.type === 'name') return [`<xs:element ref="${tree.name}"${occurs}/>`]
  return [`<xs:${tree.type}${occurs}>`, ...tree.parts.flatMap(modelLines), `</xs:${tree.type}>`]
}

function attributeLines(attributes: TableElement['attributes']): readonly string[] {
  return Object.entries(attributes).flatMap(([name, attribute]) => [
    `<xs:attribute name="${name}"${useOf(attribute)}>`,
    ...documentation(attributeText(attribute)),
    ...typeLines(attribute),
    '</xs:attribute>',
  ])
}

function useOf(attribute: AttributeDeclaration): string {
  return attribute.required === true ? ' use="required"' : ''
}

/** Tsung never applies a default of its DTD, so the schema declares none: they are told. */
function attributeText({ doc, unit, default: byDefault, since }: AttributeDeclaration): string {
  const parts = [
    doc,
    ...(unit === undefined ? [] : [`unit: ${unit}`]),
    ...(byDefault === undefined || byDefault === '' ? [] : [`default: ${byDefault}`]),
    ...(since === undefined ? [] : [sinceText(since)]),
  ]
  return parts.join('; ')
}

const patterns: { readonly [Type in AttributeDeclaration['type']]?: string } = {
  integer: '[0-9]+',
  number: String.raw`([0-9]+(\.[0-9]+([eE][+\-]?[0-9]+)?)?)?`,
}

/** As the reader of scenarios takes an identifier (lexical.ts), but for Erlang's reserved words. */
const identifier = String.raw`[a-zß-öø-ÿ][A-Za-z0-9_@À-ÖØ-öø-ÿ]*|'[^'\\]*'`
const prefixed = '[A-Za-z0-9_@À-ÖØ-öø-ÿ]+'

function typeLines(attribute: AttributeDeclaration): readonly string[] {
  const { type, values, token, prefix, anyWord } = attribute
  if (type === 'enum') return enumeration(values ?? [])
  if (type === 'boolean')
    return anyWord === true ? pattern(identifier) : enumeration(['true', 'false'])
  if (type === 'identifier') return pattern(prefix === undefined ? identifier : prefixed)
  const known = patterns[type]
  if (known !== undefined) {
    const markers = attribute.substitutable === true ? ['.*%%.*'] : []
    return pattern([known, ...(values ?? []), ...markers].join('|'))
  }
  return token === true ? pattern(String.raw`\c*`) : simpleType('xs:string', [])
}

function enumeration(values: readonly string[]): readonly string[] {
  return simpleType(
    'xs:token',
    values.map((value) => `<xs:enumeration value="${escaped(value)}"/>`),
  )
}

/** Blanks around the value are dropped before it is compared. */
function pattern(expression: string): readonly string[] {
  return simpleType('xs:token', [`<xs:pattern value="${escaped(expression)}"/>`])
}

function simpleType(base: string, facets: readonly string[]): readonly string[] {
  return [
    '<xs:simpleType>',
    `<xs:restriction base="${base}">`,
    ...facets,
    '</xs:restriction>',
    '</xs:simpleType>',
  ]
}

function documentation(text: string): readonly string[] {
  return [`<xs:annotation><xs:documentation>${escaped(text)}</xs:documentation></xs:annotation>`]
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
