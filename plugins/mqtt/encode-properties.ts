/** Properties of MQTT 5 as they are sent, compiled once. */
import { constantTemplate } from '../../core/dynvars/template.ts'
import { type CompileContext, ProtocolError, type Template, type UserView } from '../api.ts'
import type { Property } from './data.ts'
import { field, int16, int32, varint } from './encode-fields.ts'
import { type PropertyType, propertyType } from './property-table.ts'

/** Compiles a text of a request: with markers only where the request says so. */
export type Compile = (text: string) => Template

export function compileWith(context: CompileContext): Compile {
  return context.subst === 'true' ? (text) => context.template(text) : constantTemplate
}

interface CompiledProperty {
  readonly id: number
  readonly type: PropertyType
  readonly name: Template
  readonly value: Template
}

export class Properties {
  /** As they are sent, without and with their length before them, when they are the same for all users. */
  readonly fixedList: string | null
  readonly fixed: string | null
  readonly #list: readonly CompiledProperty[]

  constructor(properties: readonly Property[], compile: Compile) {
    this.#list = properties.map(({ id, name, value }) => {
      return { id, type: propertyType(id)!, name: compile(name), value: compile(value) }
    })
    const isFixed = this.#list.every(({ name, value }) => {
      return name.constant !== null && value.constant !== null
    })
    this.fixedList = isFixed ? this.#join((template) => template.constant!) : null
    this.fixed = this.fixedList === null ? null : varint(this.fixedList.length) + this.fixedList
  }

  /**
   * As they are sent, without their length.
   *
   * @throws {ProtocolError} when a variable holds no number where one is needed
   */
  list(view: UserView): string {
    return this.fixedList ?? this.#join((template) => view.render(template))
  }

  /** The same with their length before them. */
  bytes(view: UserView): string {
    if (this.fixed !== null) return this.fixed
    const list = this.list(view)
    return varint(list.length) + list
  }

  #join(text: (template: Template) => string): string {
    let list = ''
    for (const { id, type, name, value } of this.#list) {
      const isPair = type === 'pair'
      list += String.fromCharCode(id) + (isPair ? field(text(name)) : '')
      list += valueBytes(type, text(value))
    }
    return list
  }
}

function valueBytes(type: PropertyType, text: string): string {
  switch (type) {
    case 'string':
    case 'binary':
    case 'pair':
      return field(text)
    case 'byte':
      return String.fromCharCode(numberOf(text, 0xff))
    case 'int16':
      return int16(numberOf(text, 0xffff))
    case 'int32':
      return int32(numberOf(text, 0xffff_ffff))
    case 'varint':
      return varint(numberOf(text, 0x0fff_ffff))
  }
}

function numberOf(text: string, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (value <= max) return value
  throw new ProtocolError('error_mqtt_bad_value', `"${text}" is no number from 0 to ${max}`)
}
