/** In the browser: words, figures and tables. The third part of the dashboard's script. */
import { defaultLimits } from '../verdict-limits.ts'

export const viewScript: string = `
function byId(id) { return document.getElementById(id) }
// What has not changed is left alone: a screen reader would say it again.
function put(node, text) {
  if (node.textContent !== text) node.textContent = text
}
function figure(id, value, more, kind) {
  var node = byId('figure-' + id)
  put(node.querySelector('span'), value)
  put(node.querySelector('small'), more || '')
  node.className = kind || ''
}
function make(name, text, kind) {
  var node = document.createElement(name)
  if (text != null) node.textContent = text
  if (kind) node.className = kind
  return node
}
function rows(id, list) {
  var body = byId(id).tBodies[0]
  while (body.rows.length > list.length) body.deleteRow(-1)
  list.forEach(function (row, index) {
    var line = body.rows[index] || body.insertRow()
    line.className = row.kind || ''
    row.cells.forEach(function (cell, column) {
      var node = line.cells[column]
      if (!node) {
        node = make(column === 0 ? 'th' : 'td')
        if (column === 0) node.scope = 'row'
        line.append(node)
      }
      var told = typeof cell === 'object' ? cell : { text: cell, kind: '' }
      put(node, String(told.text))
      if (node.className !== told.kind) node.className = told.kind
    })
  })
  byId('none-' + id).hidden = list.length > 0
}
function words(text, kind) { return { text: text, kind: 'text ' + (kind || '') } }
function bytes(value) {
  return value < 999500 ? Math.round(value / 1000) + ' kB' : value < 999.5e6 ? (value / 1e6).toFixed(0) + ' MB' : (value / 1e9).toFixed(1) + ' GB'
}
function percent(share) { return (100 * share).toFixed(share < 0.1 ? 1 : 0) + ' %' }
function last() { return state.seconds[state.seconds.length - 1] || null }

var verdictTexts = {
  valid: ['Valid so far', 'The planned load is delivered and the load generator keeps up.'],
  suspect: ['Suspect so far', 'Read these reasons before the numbers.'],
  invalid: ['Invalid so far', 'Do not base a decision on these numbers.'],
}
function showVerdict() {
  var verdict = (state.over && state.over.verdict) || (state.standing && state.standing.verdict)
  var place = byId('verdict')
  place.hidden = !verdict
  if (!verdict) return
  if (!place.classList.contains(verdict.status)) place.className = 'verdict ' + verdict.status
  var told = verdictTexts[verdict.status]
  put(byId('verdict-word'), state.over ? told[0].replace(' so far', '') : told[0])
  put(byId('verdict-text'), state.over ? 'The run is over, exit code ' + state.over.exitCode + '.' : told[1])
  var list = byId('verdict-reasons')
  var text = JSON.stringify(verdict.reasons)
  if (list.dataset.told === text) return
  list.dataset.told = text
  list.replaceChildren.apply(list, verdict.reasons.map(function (reason) {
    var item = make('li', reason.text + ' ')
    item.append(make('code', reason.code))
    return item
  }))
}

function timeText(atMs, progress) {
  var now = clock(atMs / 1000)
  if (progress.endMs === null) {
    return now + ', the plan stands with ' + clock((progress.planEndMs - progress.planMs) / 1000) + ' left'
  }
  return now + ' of ' + clock(progress.endMs / 1000) + ', ' +
    (atMs < progress.endMs ? clock((progress.endMs - atMs) / 1000) + ' left' : 'over the plan')
}

function showHead(second) {
  var head = state.head
  if (!head) return
  var phase = second ? second.phase : 0
  var steered = []
  if (state.steering.paused) steered.push('paused')
  if (state.steering.arrivalFactor !== 1) steered.push('arrivals × ' + state.steering.arrivalFactor)
  if (state.steering.thinkTimeFactor !== 1) steered.push('think times × ' + state.steering.thinkTimeFactor)
  if (state.steering.requestsPerSecond !== null) steered.push('constant rate ' + state.steering.requestsPerSecond + '/s')
  put(byId('scenario'), head.scenario)
  put(byId('subtitle'), [
    phase === 0 ? 'before the first phase' : 'phase ' + phase + ' of ' + head.phases.length,
    steered.length ? 'steered: ' + steered.join(', ') : '',
    'started ' + new Date(head.startedAt).toLocaleString(), 'seed ' + head.seed, head.folder,
  ].filter(Boolean).join(' · '))
  var atMs = second ? second.atMs : 0
  var progress = state.standing && state.standing.progress
  byId('progress').value = progress ? progress.done : 0
  put(byId('progress-text'), progress ? timeText(atMs, progress) : clock(0) + ' of ' + clock(head.plannedMs / 1000))
  document.title = (state.over ? 'over' : state.steering.paused ? 'paused' : clock(atMs / 1000)) + ' ' + head.scenario
}

function showFigures(second) {
  var recent = state.standing && state.standing.recent
  if (!second || !recent) return
  var slow = recent.startedRate < recent.plannedRate * 0.99 && second.due - second.started > 1
  figure('users', whole(second.users), 'at most ' + whole(state.usersMax) + ', connected ' + whole(second.connected))
  figure('started', number(recent.startedRate), 'due ' + number(recent.plannedRate) + '; ' + whole(second.started) +
    ' of ' + whole(state.head ? state.head.plannedUsers : 0), slow ? 'warn' : '')
  figure('requests', number(recent.requestRate), whole(state.counters.tsts_acknowledged || 0) + ' acknowledged')
  var errors = errorsOf({ counters: state.counters })
  figure('errors', whole(errors), whole(state.counters.tsts_failed || 0) + ' requests failed', errors > 0 ? 'bad' : '')
  var request = recent.times.request
  ;[['p50', 1], ['p95', 2], ['p99', 3]].forEach(function (each) {
    figure(each[0], request ? number(request[each[1]]) + ' ms' : '–', each[0] === 'p50' && request ? 'mean ' + number(request[0]) + ' ms' : 'last 10 s')
  })
  var response = recent.times.response
  figure('response', response ? number(response[3]) + ' ms' : '–', response ? 'max ' + number(response[4]) + ' ms' : '')
}

function showPhases(second) {
  if (!state.head) return
  var now = second ? second.phase : 0
  var begun = {}
  state.events.forEach(function (event) {
    var found = event.type === 'phase' && /^phase (\\d+) /.exec(event.text)
    if (found) begun[found[1]] = event.atMs
  })
  var shown = state.head.phases.filter(function (phase) { return Math.abs(phase.number - now) <= 25 })
  rows('phases', shown.map(function (phase) {
    var isNow = phase.number === now && !state.over
    var at = begun[phase.number]
    return {
      kind: isNow ? 'now' : '',
      cells: [phase.number, clock((at === undefined ? phase.startMs : at) / 1000), clock(phase.durationMs / 1000),
        whole(phase.users), number(phase.intensityPerMs * 1000),
        words(isNow ? 'playing' : phase.number < now || state.over ? 'over' : 'to come')],
    }
  }))
}

function showErrors() {
  var names = Object.keys(state.counters).filter(function (name) { return name.startsWith('error_') && state.counters[name] > 0 })
  names.sort(function (a, b) { return state.counters[b] - state.counters[a] })
  rows('errors', names.slice(0, 50).map(function (name) {
    var example = state.examples[name]
    var text = example
      ? clock(example.atMs / 1000) + ' user ' + example.user + ', ' + example.session + ': ' + example.request +
        (example.detail ? ' (' + example.detail + ')' : '')
      : 'no example was kept'
    return { cells: [name, { text: whole(state.counters[name]), kind: 'bad' }, words(text, 'wide')] }
  }))
}

function showLaunchers(second) {
  if (!state.standing) return
  rows('launchers', state.standing.launchers.map(function (each) {
    var silent = second && each.state === 'playing' && second.atMs - each.lastHeardMs > 5000
    var full = each.descriptorLimit > 0 && each.descriptors > 0.9 * each.descriptorLimit
    return { cells: [
      each.launcher, words(each.host),
      words(each.state, each.state === 'lost' ? 'bad' : each.state === 'playing' ? 'good' : ''),
      whole(each.users),
      { text: percent(each.cpuShare), kind: each.cpuShare > 0.9 ? 'bad' : each.cpuShare > 0.75 ? 'warn' : '' },
      { text: number(each.loopDelayMaxMs) + ' ms', kind: each.loopDelayMaxMs > 100 ? 'bad' : each.loopDelayMaxMs > 20 ? 'warn' : '' },
      { text: percent(each.gcShare), kind: each.gcShare > 0.2 ? 'warn' : '' },
      bytes(each.rssBytes), whole(each.connected),
      { text: whole(each.descriptors) + (each.descriptorLimit > 0 ? ' of ' + whole(each.descriptorLimit) : ''), kind: full ? 'bad' : '' },
      { text: clock(each.lastHeardMs / 1000), kind: silent ? 'warn' : '' },
    ] }
  }))
}

// Of the verdict: what makes a run suspect unless it was told otherwise.
var limits = ${JSON.stringify({ steal: defaultLimits.steal.suspect, ports: defaultLimits.ports.suspect })}
function showHosts(second) {
  if (!state.standing) return
  rows('hosts', state.standing.hosts.map(function (each) {
    var ports = each.ports
    var share = ports && ports.available > 0 ? (ports.open + ports.waiting) / ports.available : 0
    var free = each.memoryAvailableBytes
    var silent = second && !state.over && second.atMs - each.toldMs > 6000
    return { cells: [
      each.host,
      { text: percent(each.cpu), kind: each.cpu > 0.9 ? 'bad' : each.cpu > 0.75 ? 'warn' : '' },
      { text: percent(each.steal), kind: each.steal > limits.steal ? 'bad' : each.steal > limits.steal / 2 ? 'warn' : '' },
      { text: bytes(free), kind: free < 0.1 * each.memoryBytes ? 'bad' : '' },
      bytes(each.receivedBytesPerSecond) + '/s', bytes(each.sentBytesPerSecond) + '/s',
      whole(each.sockets), whole(each.timeWait),
      { text: ports ? whole(ports.open + ports.waiting) + ' of ' + whole(ports.available) + (ports.address ? ' (' + ports.address + ')' : '') : '–',
        kind: share > limits.ports ? 'bad' : share > 0.75 * limits.ports ? 'warn' : '' },
      whole(each.descriptors),
      { text: clock(each.toldMs / 1000), kind: silent ? 'warn' : '' },
    ] }
  }))
}

var shownEvents = null
function showEvents() {
  var newest = state.events[state.events.length - 1]
  if (newest === shownEvents) return
  shownEvents = newest
  var list = byId('events')
  list.replaceChildren.apply(list, state.events.slice().reverse().map(function (event) {
    var item = make('li')
    var grave = event.type === 'launcher-lost' ? 'bad' : graveTypes.indexOf(event.type) >= 0 ? 'warn' : ''
    item.append(make('time', event.atMs < 0 ? 'before' : clock(event.atMs / 1000)), make('span', event.text, grave))
    return item
  }))
}

function show() {
  var second = last()
  showVerdict()
  showHead(second)
  showFigures(second)
  showPhases(second)
  showErrors()
  showLaunchers(second)
  showHosts(second)
  showEvents()
  showControls()
  if (!document.hidden) drawCharts()
}
`
