/**
 * What is published as `tsts/plugin`: what an author needs, and no more. It is bundled into one file, which travels with
 * each plugin to the launchers.
 */
// biome-ignore-all lint/performance/noBarrelFile: a package has one door.
export { byteString, fromBytes, toBytes } from '../core/byte-string.ts'
export { constantTemplate } from '../core/dynvars/template.ts'
export type * from './api.ts'
export { ProtocolError } from './api.ts'
export { definePlugin } from './define-plugin.ts'
export type {
  ApiVersion,
  DataOf,
  DefinedCompileContext,
  DefinedPlugin,
  ElementDefinition,
  ElementDefinitions,
  OptionsOf,
  PluginDefinition,
  RequestOf,
} from './definition.ts'
