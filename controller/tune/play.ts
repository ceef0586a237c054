/** The settings as an Ansible play. Nothing but ansible-core is needed. */

import { sysctlFile, systemdFile, type TunedHosts } from './script.ts'
import { limitsFile, limitsLine, type Tuning } from './settings.ts'

/** @param scenario its file's name, for the comment at the top */
export function tunePlay(scenario: string, groups: readonly TunedHosts[]): string {
  const plays = groups.map(({ hosts, isLocal, tuning }) =>
    playText(isLocal ? ['localhost'] : hosts, isLocal, tuning),
  )
  return `---
# Settings that ${scenario.replace(/[^\w.@-]/g, '?')} needs of its hosts, made by tsts tune.
#   ansible-playbook -i INVENTORY tune.yml                  sets them; it may be run again
#   ansible-playbook -i INVENTORY tune.yml -e state=absent  takes the files away: Linux's own settings
#                                                           come back with the next start of the host
# Where root logs in and there is no sudo: -e ansible_become=false
${plays.join('\n')}`
}

function playText(hosts: readonly string[], isLocal: boolean, tuning: Tuning): string {
  const { sysctls, descriptors, notes } = tuning
  const comments = notes.map((note) => `# ${note}\n`).join('')
  const names = hosts.map((host) => `    - ${JSON.stringify(host)}\n`).join('')
  const tasks = [
    ...(sysctls.length === 0 ? [] : [sysctlTasks(tuning)]),
    ...(descriptors === null ? [] : [limitTasks(descriptors)]),
  ]
  const none = `    - name: The system's own settings are enough\n      ansible.builtin.meta: noop\n`
  return `${comments}- name: Tune hosts for load
  hosts:
${names}${isLocal ? '  connection: local\n' : ''}  become: true
  gather_facts: false
  vars:
    state: present
  tasks:
${tasks.length === 0 ? none : tasks.join('\n')}`
}

/** A setting of which the host has more stays as it is. */
function sysctlTasks({ sysctls }: Tuning): string {
  const items = sysctls
    .map(
      ({ name, value, isLeast, reason }) =>
        `        # ${reason}\n        - { name: ${name}, value: "${value}", least: ${isLeast} }\n`,
    )
    .join('')
  return `    - name: Read what the host has
      ansible.builtin.command: sysctl -n -e {{ item.name }}
      loop:
${items}      register: now
      changed_when: false
      check_mode: false
    - name: Keep settings for every start to come
      ansible.builtin.copy:
        dest: ${sysctlFile}
        mode: "0644"
        content: |
          {% for each in now.results %}
          {% if each.stdout != "" and not (each.item.least and each.stdout | int > each.item.value | int) %}
          {{ each.item.name }} = {{ each.item.value }}
          {% endif %}
          {% endfor %}
      when: state == "present"
      register: kept
    - name: Set them now
      ansible.builtin.command: sysctl -e -p ${sysctlFile}
      when: kept is changed
      changed_when: true
    - name: Take them away
      ansible.builtin.file:
        path: ${sysctlFile}
        state: absent
      when: state == "absent"
`
}

function limitTasks({ limit, reason }: NonNullable<Tuning['descriptors']>): string {
  const systemd = systemdFile.replace(/\/[^/]*$/, '')
  return `    # ${reason}
    - name: Read what a login may open
      ansible.builtin.shell: ulimit -Hn
      register: has
      changed_when: false
      check_mode: false
    - name: Let logins open as many files, from the next login on
      ansible.builtin.copy:
        dest: ${limitsFile}
        mode: "0644"
        content: |
          ${limitsLine('*', limit)}
          ${limitsLine('root', limit)}
      when: state == "present" and has.stdout != "unlimited" and has.stdout | int <= ${limit}
    - name: Have a place for what services may open
      ansible.builtin.file:
        path: ${systemd}
        state: directory
        mode: "0755"
      when: state == "present"
    - name: Let services open as many, from the next start of the host on
      ansible.builtin.copy:
        dest: ${systemdFile}
        mode: "0644"
        content: |
          [Manager]
          DefaultLimitNOFILE=${limit}
      when: state == "present" and has.stdout != "unlimited" and has.stdout | int <= ${limit}
    - name: Take limits away
      ansible.builtin.file:
        path: "{{ item }}"
        state: absent
      loop:
        - ${limitsFile}
        - ${systemdFile}
      when: state == "absent"
`
}
