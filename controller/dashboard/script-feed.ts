/** In the browser: what is known of the run, from the stream that it tells. The first part of the dashboard's script. */
export const feedScript: string = `
var secondsKept = 3600
var eventsKept = 500
var state = {
  head: null, seconds: [], events: [], examples: Object.create(null), counters: Object.create(null), standing: null, over: null, usersMax: 0,
  steering: { arrivalFactor: 1, thinkTimeFactor: 1, requestsPerSecond: null, paused: false },
}
var lastId = null

// The token comes behind the # of the address, and goes no further than this tab.
function takeToken() {
  var given = /[#&]token=([A-Za-z0-9_-]+)/.exec(location.hash)
  if (given) {
    sessionStorage.setItem('tsts-token', given[1])
    history.replaceState(null, '', location.pathname)
  }
  return sessionStorage.getItem('tsts-token')
}
var token = takeToken()

function headers(more) {
  return Object.assign(token ? { Authorization: 'Bearer ' + token } : {}, more)
}

function forget() {
  state.seconds = []
  state.events = []
  state.examples = Object.create(null)
  state.counters = Object.create(null)
  state.standing = null
  state.usersMax = 0
}

function count(counters) {
  Object.keys(counters).forEach(function (name) {
    state.counters[name] = (state.counters[name] || 0) + counters[name]
  })
}

function takeSecond(second) {
  state.seconds.push(second)
  state.usersMax = Math.max(state.usersMax, second.usersMax)
  if (state.seconds.length > secondsKept) state.seconds.shift()
  count(second.counters)
}

function takeEvent(event) {
  state.events.push(event)
  if (event.steering) state.steering = event.steering.to
  if (state.events.length > eventsKept) state.events.shift()
}

function takeExample(example) {
  if (!state.examples[example.name]) state.examples[example.name] = example
}

var takers = {
  head: function (head) { state.head = head },
  past: function (past) {
    if (!past.again) {
      forget()
      count(past.forgotten)
    }
    past.seconds.forEach(takeSecond)
    past.events.forEach(takeEvent)
    past.examples.forEach(takeExample)
    state.steering = past.steering
  },
  second: takeSecond,
  event: takeEvent,
  example: takeExample,
  standing: function (standing) { state.standing = standing },
  over: function (over) { state.over = over },
}

function take(block) {
  var type = ''
  var data = ''
  block.split('\\n').forEach(function (line) {
    var value = line.slice(line.indexOf(':') + 2)
    if (line.startsWith('id:')) lastId = value
    else if (line.startsWith('event:')) type = value
    else if (line.startsWith('data:')) data += value
  })
  if (takers[type]) takers[type](JSON.parse(data))
}

// Server-sent events by fetch: an EventSource could not send the token.
async function read(onChange, onLink) {
  var more = lastId ? { 'Last-Event-ID': lastId } : {}
  var answer = await fetch('api/events', { headers: headers(more), cache: 'no-store' })
  if (answer.status === 401 || answer.status === 403) {
    onLink('refused')
    return false
  }
  if (!answer.ok) throw new Error('status ' + answer.status)
  onLink('live')
  var reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  var text = ''
  for (;;) {
    var piece = await reader.read()
    if (piece.done) return !state.over
    text += piece.value
    var end = text.lastIndexOf('\\n\\n')
    if (end < 0) continue
    text.slice(0, end).split('\\n\\n').forEach(take)
    text = text.slice(end + 2)
    onChange()
  }
}

async function follow(onChange, onLink) {
  var waitMs = 500
  for (;;) {
    try {
      if (!(await read(onChange, onLink))) break
      waitMs = 500
    } catch (error) {
      waitMs = Math.min(waitMs * 1.5, 5000)
    }
    if (state.over) break
    onLink('gone')
    await new Promise(function (resolve) { setTimeout(resolve, waitMs) })
  }
  onChange()
}

async function post(path, body) {
  var answer = await fetch(path, {
    method: 'POST', headers: headers({ 'Content-Type': 'application/json' }), body: JSON.stringify(body),
  })
  var told = await answer.json()
  if (!answer.ok) throw new Error(told.error)
  return told
}
`
