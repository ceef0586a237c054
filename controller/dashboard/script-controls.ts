/** In the browser: what somebody wants done, and the beginning of it all. The last part of the dashboard's script. */
export const controlsScript: string = `
var links = {
  live: ['live', 'live'],
  gone: ['gone', 'the run does not answer, trying again'],
  refused: ['gone', 'the token is missing or wrong: open the address that tsts printed, with all that stands behind the #'],
  over: ['', 'the run is over'],
}
function showLink(name) {
  var told = links[name]
  byId('link').className = told[0]
  put(byId('link'), told[1])
}

function say(text, isBad) {
  byId('said').className = isBad ? 'note bad' : 'note'
  byId('said').textContent = text
}

// What somebody is typing stays.
function offer(id, value) {
  var field = byId(id)
  if (field.dataset.told === value || document.activeElement === field) return
  field.dataset.told = value
  field.value = value
}

function showControls() {
  if (state.over) showLink('over')
  var isOver = state.over !== null
  document.querySelectorAll('#steer input, #steer button, #pause, #skip, #stop').forEach(function (each) {
    each.disabled = isOver
  })
  var steering = state.steering
  offer('arrivals', String(steering.arrivalFactor))
  offer('think', String(steering.thinkTimeFactor))
  offer('rate', steering.requestsPerSecond === null ? '' : String(steering.requestsPerSecond))
  put(byId('pause'), steering.paused ? 'Resume' : 'Pause')
  byId('pause').classList.toggle('main', steering.paused)
}

async function steer(change, done) {
  try {
    var told = await post('api/steer', change)
    state.steering = told.steering
    say(done)
    show()
  } catch (error) {
    say('Nothing was changed: ' + error.message, true)
  }
}

byId('steer').addEventListener('submit', function (event) {
  event.preventDefault()
  var rate = byId('rate').value
  var change = {}
  var wanted = {
    arrivalFactor: Number(byId('arrivals').value),
    thinkTimeFactor: Number(byId('think').value),
    requestsPerSecond: rate === '' ? null : Number(rate),
  }
  Object.keys(wanted).forEach(function (name) {
    if (wanted[name] !== state.steering[name]) change[name] = wanted[name]
  })
  if (Object.keys(change).length === 0) say('Nothing is different.')
  else steer(change, 'Applied.')
})
byId('pause').addEventListener('click', function () {
  var paused = !state.steering.paused
  steer({ paused: paused }, paused ? 'Paused: nobody starts, nobody sends.' : 'The run goes on.')
})
byId('skip').addEventListener('click', function () {
  steer({ skipPhase: true }, 'The phase ends now.')
})
byId('stop').addEventListener('click', function () {
  byId('confirm').returnValue = 'no'
  byId('confirm').showModal()
})
byId('confirm').addEventListener('close', async function () {
  var answer = byId('confirm').returnValue
  if (answer !== 'stop' && answer !== 'cut') return
  try {
    var told = await post('api/stop', { graceMs: answer === 'cut' ? 0 : null })
    say('Stopping: ' + (told.graceMs === 0 ? 'all users end at once.' : 'users have ' + told.graceMs / 1000 + ' s to end.'))
  } catch (error) {
    say('It was not stopped: ' + error.message, true)
  }
})
document.querySelectorAll('button.span').forEach(function (button) {
  button.addEventListener('click', function () {
    span = Number(button.dataset.seconds)
    document.querySelectorAll('button.span').forEach(function (each) {
      each.setAttribute('aria-pressed', String(each === button))
    })
    drawCharts()
  })
})
document.addEventListener('visibilitychange', function () { if (!document.hidden) show() })

makeCharts()
follow(show, showLink)
`
