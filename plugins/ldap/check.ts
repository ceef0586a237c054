/** What Tsung's reader refuses in `<ldap>`. */
import type { RequestCheck, ScenarioElement } from '../api.ts'
import { filterFault } from './filter.ts'

export const checkLdap: RequestCheck = (element, error) => {
  const type = element.attributes.get('type')
  if (type === 'search') {
    const filter = element.attributes.get('filter') ?? ''
    const fault = filterFault(filter)
    if (fault === null) return
    const text = `filter="${filter}" cannot be read: ${fault}`
    const hint = 'for instance (&(objectClass=person)(cn=a*))'
    error('E_LDAP_FILTER', text, element.attributePosition('filter'), hint)
  } else if (type === 'add') {
    for (const child of element.children) checkAdded(child, error)
  }
}

function checkAdded(child: ScenarioElement, error: Parameters<RequestCheck>[1]): void {
  if (child.name === 'modification') {
    const hint = 'type="modify" has <modification>'
    error('E_MISPLACED', '<ldap type="add"> holds <attr>', child.position, hint)
    return
  }
  for (const value of child.children) {
    if (value.text !== '') continue
    error('E_MISSING_ELEMENT', 'a <value> of an entry that is added is empty', value.position)
  }
}
