/** The protocols of a scenario: ours, those that `--plugin` gives, and those that lie beside it. */
import { elementTable } from '../../core/scenario/elements.ts'
import { nearest } from '../../core/scenario/suggest.ts'
import type { TypeFault } from '../../core/scenario/unknown-types.ts'
import { metricNames } from '../../core/stats/names.ts'
import type { PluginDeclaration } from '../../plugins/api.ts'
import { declarations } from '../../plugins/registry.ts'
import { UsageError } from '../usage-error.ts'
import { type LoadedPlugin, loadPlugin } from './load.ts'
import { findPlugin, packageName, placeOf, placeText } from './place.ts'

export class Plugins {
  readonly #loaded: LoadedPlugin[] = []

  /**
   * Ours and those that were given.
   *
   * @param paths of files or packages
   * @throws {UsageError} when one cannot be used
   */
  static async given(paths: readonly string[]): Promise<Plugins> {
    const plugins = new Plugins()
    for (const path of paths) await plugins.#give(path)
    return plugins
  }

  /** Ours come first. */
  get declarations(): readonly PluginDeclaration[] {
    return [...declarations, ...this.#loaded.map(({ declaration }) => declaration)]
  }

  /** Those that are not ours. */
  get loaded(): readonly LoadedPlugin[] {
    return this.#loaded
  }

  /**
   * Looks for the packages of session types, from a folder upwards. They are code: nothing is loaded but what a session
   * needs.
   *
   * @returns for each type that has none, or one that cannot be used, why
   */
  async find(types: Iterable<string>, folder: string): Promise<ReadonlyMap<string, TypeFault>> {
    const faults = new Map<string, TypeFault>()
    for (const type of new Set(types)) {
      const fault = await this.#findOne(type, folder)
      if (fault !== null) faults.set(type, fault)
    }
    return faults
  }

  async #give(path: string): Promise<void> {
    const place = placeOf(path)
    try {
      this.#add(await loadPlugin(place))
    } catch (error) {
      const why = (error as Error).message
      throw new UsageError(`--plugin ${path} cannot be used: ${why} [E_PLUGIN]`, { cause: error })
    }
  }

  async #findOne(type: string, folder: string): Promise<TypeFault | null> {
    const place = findPlugin(type, folder)
    if (place === null) return this.#absent(type, folder)
    try {
      const plugin = await loadPlugin(place)
      const { type: its } = plugin.declaration
      if (its !== type) throw new Error(`it has sessions of type ${its}`)
      this.#add(plugin)
      return null
    } catch (error) {
      const text = `the plugin of ${type} cannot be used: ${(error as Error).message}`
      return { text, hint: `it is ${placeText(place)}` }
    }
  }

  #absent(type: string, folder: string): TypeFault {
    const name = packageName(type)
    const meant = nearest(
      type,
      this.declarations.map((each) => each.type),
    )
    return {
      text: `there is no session type ${type}: tsts has none, and no package ${name} is installed in ${folder} or above it`,
      hint:
        meant === null
          ? `npm install ${name} there, or name its folder by --plugin PATH`
          : `did you mean ${meant}?`,
    }
  }

  /** @throws {Error} when it would be taken for another */
  #add(plugin: LoadedPlugin): void {
    const clash = clashOf(plugin.declaration, this.declarations)
    if (clash !== null) throw new Error(clash)
    this.#loaded.push(plugin)
  }
}

/** What a plugin has that others have already; null: nothing. */
function clashOf(
  { type, elements, counters }: PluginDeclaration,
  others: readonly PluginDeclaration[],
): string | null {
  if (others.some((each) => each.type === type)) return `there are two plugins for ${type}`
  const table = elementTable(others)
  const element = elements.find(({ name }) => table.has(name))
  if (element !== undefined) return `its element <${element.name}> is another’s, too`
  const measured = [
    ...metricNames.map(({ name }) => name),
    ...others.flatMap((each) => each.counters.map(({ name }) => name)),
  ]
  const counter = counters.find(({ name }) => measured.some((other) => isSame(name, other)))
  return counter === undefined ? null : `its counter ${counter.name} is another’s, too`
}

/** @param family may have `…` for a part that varies, or `NNN` for a code */
function isSame(name: string, family: string): boolean {
  if (name === family) return true
  if (family === 'NNN') return /^\d{3}$/.test(name)
  const [start = '', end = ''] = family.split('…')
  return family.includes('…') && start + end !== '' && name.startsWith(start) && name.endsWith(end)
}
