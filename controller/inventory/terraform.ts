/** Hosts of Terraform (and OpenTofu): what `terraform output -json` prints, and states of version 4. */
import { type DocumentValue, entryOf } from './document.ts'
import {
  hostNameAt,
  InventoryError,
  type Listed,
  type ListedHost,
  type Place,
  placeText,
  plainHost,
  portAt,
} from './model.ts'

/** How a list of Terraform is read. */
export interface TerraformChoice {
  /** The output with the hosts; null: it is looked for. */
  readonly output: string | null
  /** Whether the address inside the cloud's network is taken where there are two. */
  readonly isPrivate: boolean
}

/** Keys of an object that describes a host, the first that is there counts. */
const nameKeys = ['name', 'hostname', 'host', 'id']
const userKeys = ['user', 'username', 'admin_username', 'ssh_user']
const portKeys = ['port', 'ssh_port']
const keyFileKeys = ['key_file', 'private_key_file', 'identity_file', 'ssh_private_key_file']

/** Public first. Providers' own words: aws, azurerm, google, hcloud, digitalocean, openstack, vultr, linode, libvirt … */
const publicKeys = [
  'address',
  'public_ip',
  'public_ip_address',
  'public_dns',
  'public_ipv4',
  'nat_ip',
  'ipv4_address',
  'access_ip_v4',
  'main_ip',
  'ip_address',
  'ipv4',
  'ip',
  'default_ip_address',
  'host',
]
const privateKeys = [
  'private_ip',
  'private_ip_address',
  'private_ipv4',
  'private_address',
  'network_ip',
  'ipv4_address_private',
  'internal_ip',
]

/** @throws {InventoryError} when there is no output with hosts, or it is not clear which it is */
export function readTerraformOutput(document: DocumentValue, choice: TerraformChoice): Listed {
  const outputs = (document.entries ?? []).flatMap(({ key, value }) => {
    const inner = entryOf(value, 'value')
    return inner === null ? [] : [{ name: key, value: inner }]
  })
  return listedOutput(outputs, choice, document.at)
}

/** @throws {InventoryError} when the state is of another version, or has no machines that we know */
export function readTerraformState(document: DocumentValue, choice: TerraformChoice): Listed {
  const version = entryOf(document, 'version')
  if (version?.value !== 4) {
    const text = `the state has version ${String(version?.value)}, only version 4 is known`
    throw new InventoryError(
      version?.at ?? document.at,
      text,
      'terraform output -json is read, too',
    )
  }
  const outputs = (entryOf(document, 'outputs')?.entries ?? []).flatMap(({ key, value }) => {
    const inner = entryOf(value, 'value')
    return inner === null ? [] : [{ name: key, value: inner }]
  })
  if (choice.output !== null || outputs.some(({ name }) => name === 'hosts')) {
    return listedOutput(outputs, choice, document.at)
  }
  const resources = entryOf(document, 'resources')?.items ?? []
  const hosts = resources.flatMap((resource) => machinesOf(resource, choice))
  if (hosts.length > 0) return { hosts: namedApart(hosts), warnings: [] }
  const hint = 'make an output "hosts" with their names and addresses'
  throw new InventoryError(document.at, 'the state has no machines with an address', hint)
}

/**
 * Any value that names hosts: a text, a list of texts or objects, a map of names to texts or objects.
 *
 * @returns null when it does not
 */
export function hostsIn(
  value: DocumentValue,
  choice: TerraformChoice,
): readonly ListedHost[] | null {
  if (typeof value.value === 'string')
    return isHost(value.value) ? [named(value.value, value.at)] : null
  const items = value.items?.map((item) => [null, item] as const)
  const pairs = items ?? value.entries?.map((entry) => [entry.key, entry.value] as const) ?? []
  const hosts: ListedHost[] = []
  for (const [key, item] of pairs) {
    const host = hostFrom(key, item, choice)
    if (host === null) return null
    hosts.push(host)
  }
  return hosts.length === 0 ? null : hosts
}

interface Output {
  readonly name: string
  readonly value: DocumentValue
}

function listedOutput(outputs: readonly Output[], choice: TerraformChoice, at: Place): Listed {
  const wanted = choice.output ?? outputs.find(({ name }) => name === 'hosts')?.name ?? null
  const known = outputs.map(({ name }) => name).join(', ')
  if (wanted !== null) {
    const output = outputs.find(({ name }) => name === wanted)
    if (output === undefined) throw new InventoryError(at, `there is no output ${wanted}: ${known}`)
    const hosts = hostsIn(output.value, choice)
    if (hosts !== null) return { hosts, warnings: [] }
    const hint = 'write hosts = [{ name = …, address = …, user = …, port = … }]'
    throw new InventoryError(output.value.at, `the output ${wanted} names no hosts`, hint)
  }
  const candidates = outputs.flatMap(({ name, value }) => {
    const hosts = hostsIn(value, choice)
    return hosts === null ? [] : [{ name, hosts, at: value.at }]
  })
  const [first, ...others] = candidates
  if (first === undefined) {
    const hint = 'make an output "hosts" with their names and addresses'
    throw new InventoryError(at, `no output names hosts: ${known || 'there is none'}`, hint)
  }
  if (others.length > 0) {
    const text = candidates.map(({ name, hosts }) => `${name} (${hosts.length})`).join(', ')
    throw new InventoryError(
      first.at,
      `several outputs may name the hosts: ${text}`,
      'say --output NAME',
    )
  }
  const warning = `${placeText(first.at)}: the hosts are those of the output ${first.name}`
  return { hosts: first.hosts, warnings: [warning] }
}

/** @param key of the map in which it stands; null: it stands in a list */
function hostFrom(
  key: string | null,
  item: DocumentValue,
  choice: TerraformChoice,
): ListedHost | null {
  if (typeof item.value === 'string') {
    if (!isHost(item.value)) return null
    if (key === null) return named(item.value, item.at)
    return { ...plainHost(hostNameAt(key, item.at), item.at), address: item.value }
  }
  if (item.entries === null) return null
  const address = addressOf(item, choice)
  if (address === null) return null
  const user = textOf(item, userKeys)
  const port = firstOf(item, portKeys)
  const keyFile = textOf(item, keyFileKeys)
  const name = key ?? textOf(item, nameKeys) ?? address
  return {
    ...plainHost(hostNameAt(name, item.at), item.at),
    address: address === name ? null : address,
    user,
    port: port === null ? null : portAt(port.value, port.at),
    keyFiles: keyFile === null ? [] : [keyFile],
  }
}

/** Resources that are machines, in the words of their providers. */
const machineType =
  /^(aws_instance|aws_spot_instance_request|google_compute_instance|azurerm_(linux_)?virtual_machine|hcloud_server|digitalocean_droplet|openstack_compute_instance_v2|linode_instance|vultr_instance|scaleway_instance_server|exoscale_compute_instance|oci_core_instance|upcloud_server|equinix_metal_device|proxmox_vm_qemu|libvirt_domain|vsphere_virtual_machine|ovh_cloud_project_instance)$/

function machinesOf(resource: DocumentValue, choice: TerraformChoice): readonly ListedHost[] {
  const type = textOf(resource, ['type']) ?? ''
  if (entryOf(resource, 'mode')?.value !== 'managed' || !machineType.test(type)) return []
  const label = textOf(resource, ['name']) ?? type
  return (entryOf(resource, 'instances')?.items ?? []).flatMap(
    (instance): readonly ListedHost[] => {
      const attributes = entryOf(instance, 'attributes')
      if (attributes === null) return []
      const address = addressOf(attributes, choice)
      // A machine that was made without an address, or is stopped.
      if (address === null) return []
      const index = entryOf(instance, 'index_key')?.value
      const tags = entryOf(attributes, 'tags')
      const tag = tags === null ? null : textOf(tags, ['Name', 'name'])
      const own = tag ?? textOf(attributes, ['name', 'label', 'hostname'])
      const name = own ?? (index === undefined ? label : `${label}-${String(index)}`)
      const host = plainHost(
        hostNameAt(name.replace(/[^\p{L}\p{N}_.-]+/gu, '-'), instance.at),
        instance.at,
      )
      return [{ ...host, address, user: textOf(attributes, ['admin_username']) }]
    },
  )
}

/** Machines of one resource often have the same tag. */
function namedApart(hosts: readonly ListedHost[]): readonly ListedHost[] {
  const counts = new Map<string, number>()
  return hosts.map((host) => {
    const count = (counts.get(host.name) ?? 0) + 1
    counts.set(host.name, count)
    return count === 1 ? host : { ...host, name: `${host.name}-${count}` }
  })
}

/** Looked for in the object itself, then in what it holds (`network_interface[0].access_config[0].nat_ip`). */
function addressOf(object: DocumentValue, { isPrivate }: TerraformChoice): string | null {
  const orders = isPrivate ? [privateKeys, publicKeys] : [publicKeys, privateKeys]
  for (const keys of orders) {
    const found = textOf(object, keys) ?? deepText(object, keys, 4)
    if (found !== null && isHost(found)) return found
  }
  return null
}

/** Only where networks stand: other parts of a machine have addresses of other things. */
const networkKey = /^(network|interface|access_config|ipv4|nic)/

function deepText(value: DocumentValue, keys: readonly string[], depth: number): string | null {
  if (depth === 0) return null
  const inner =
    value.items ??
    value.entries?.flatMap((each) => (networkKey.test(each.key) ? [each.value] : [])) ??
    []
  for (const each of inner) {
    const found = textOf(each, keys) ?? deepText(each, keys, depth - 1)
    if (found !== null) return found
  }
  return null
}

function firstOf(object: DocumentValue, keys: readonly string[]): DocumentValue | null {
  for (const key of keys) {
    const found = entryOf(object, key)
    if (found !== null && found.value !== null && found.value !== '') return found
  }
  return null
}

function textOf(object: DocumentValue, keys: readonly string[]): string | null {
  for (const key of keys) {
    const found = entryOf(object, key)?.value
    if (typeof found === 'string' && found !== '') return found
    if (typeof found === 'number') return String(found)
  }
  return null
}

function named(text: string, at: Place): ListedHost {
  return plainHost(hostNameAt(text, at), at)
}

/** An address, or a name with a dot: not every text that an output holds. */
function isHost(text: string): boolean {
  return (
    /^\d{1,3}(\.\d{1,3}){3}$/.test(text) ||
    /^[0-9a-f]*:[0-9a-f:]+$/i.test(text) ||
    /^[\p{L}\p{N}_]([\p{L}\p{N}_-]*[\p{L}\p{N}])?(\.[\p{L}\p{N}_-]+)+$/u.test(text)
  )
}
