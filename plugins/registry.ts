/** Every protocol there is, playable or not. */
import { amqpDeclaration } from './amqp/declaration.ts'
import type { PluginDeclaration } from './api.ts'
import { fsDeclaration } from './fs/declaration.ts'
import { httpDeclaration } from './http/declaration.ts'
import { jabberDeclaration } from './jabber/declaration.ts'
import { jobDeclaration } from './job/declaration.ts'
import { ldapDeclaration } from './ldap/declaration.ts'
import { mqttDeclaration } from './mqtt/declaration.ts'
import { mysqlDeclaration } from './mysql/declaration.ts'
import { pgsqlDeclaration } from './pgsql/declaration.ts'
import { rawDeclaration } from './raw/declaration.ts'
import { shellDeclaration } from './shell/declaration.ts'
import { webdavDeclaration } from './webdav/declaration.ts'
import { websocketDeclaration } from './websocket/declaration.ts'

export const declarations: readonly PluginDeclaration[] = [
  jabberDeclaration,
  httpDeclaration,
  rawDeclaration,
  pgsqlDeclaration,
  ldapDeclaration,
  webdavDeclaration,
  mysqlDeclaration,
  fsDeclaration,
  shellDeclaration,
  jobDeclaration,
  websocketDeclaration,
  amqpDeclaration,
  mqttDeclaration,
]
