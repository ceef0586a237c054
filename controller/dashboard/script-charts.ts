/** In the browser: the charts. The second part of the dashboard's script. */
export const chartsScript: string = `
var root = document.documentElement
var plots = []
var span = 600

function colour(name) {
  return getComputedStyle(root).getPropertyValue('--' + name).trim()
}
function two(value) { return (value < 10 ? '0' : '') + value }
function clock(seconds) {
  var whole = Math.max(0, Math.round(seconds))
  var minutes = Math.floor(whole / 60)
  if (minutes < 60) return minutes + ':' + two(whole % 60)
  return Math.floor(minutes / 60) + ':' + two(minutes % 60) + ':' + two(whole % 60)
}
function number(value) {
  if (value == null) return '–'
  var size = Math.abs(value)
  var digits = size === 0 ? 0 : size < 0.9995 ? 2 : size < 9.995 ? 2 : size < 99.95 ? 1 : 0
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
function whole(value) { return Math.round(value).toLocaleString('en-US') }

function plannedRate(atMs) {
  if (!state.head) return 0
  return state.head.phases.reduce(function (rate, phase) {
    var lastMs = phase.startMs + Math.min(phase.durationMs, phase.users / phase.intensityPerMs)
    return atMs > phase.startMs && atMs <= lastMs ? phase.intensityPerMs * 1000 : rate
  }, 0)
}
function gauge(name) {
  return function (second) { return second[name] }
}
function rise(name) {
  return function (second, before) { return Math.max(0, second[name] - (before ? before[name] : 0)) }
}
function counter(name) {
  return function (second) { return second.counters[name] || 0 }
}
function time(name, index) {
  return function (second) { return second.times[name] ? second.times[name][index] : null }
}
function ofHosts(name, factor) {
  return function (second) { return second.hosts ? second.hosts[name] * factor : null }
}
function errorsOf(second) {
  return Object.keys(second.counters).reduce(function (sum, name) {
    return name.startsWith('error_') ? sum + second.counters[name] : sum
  }, 0)
}
function times(name) {
  return [
    { label: 'p50', colour: 's1', of: time(name, 1) },
    { label: 'p95', colour: 's3', of: time(name, 2) },
    { label: 'p99', colour: 's2', of: time(name, 3) },
    { label: 'max', colour: 's6', dashed: true, of: time(name, 4) },
  ]
}
var charts = [
  { id: 'arrivals', series: [
    { label: 'started', colour: 's1', filled: true, of: rise('started') },
    { label: 'due', colour: 's3', of: rise('due') },
    { label: 'planned', colour: 's2', dashed: true, of: function (second) { return plannedRate(second.atMs) } },
  ] },
  { id: 'users', series: [
    { label: 'users', colour: 's1', filled: true, of: gauge('users') },
    { label: 'connections', colour: 's2', of: gauge('connected') },
    { label: 'waiting requests', colour: 's3', of: gauge('inFlight') },
  ] },
  { id: 'requests', series: [
    { label: 'acknowledged', colour: 's1', filled: true, of: counter('tsts_acknowledged') },
    { label: 'failed', colour: 's2', of: counter('tsts_failed') },
    { label: 'without answer', colour: 's4', of: counter('request_noack') },
  ] },
  { id: 'request', series: times('request') },
  { id: 'response', series: times('response') },
  { id: 'errors', series: [{ label: 'errors', colour: 's2', filled: true, of: errorsOf }] },
  { id: 'hosts', series: [
    { label: 'CPU', colour: 's1', of: ofHosts('cpu', 100) },
    { label: 'stolen', colour: 's2', of: ofHosts('steal', 100) },
    { label: 'ports of an address', colour: 's3', of: ofHosts('ports', 100) },
  ] },
  { id: 'network', series: [
    { label: 'received', colour: 's1', of: ofHosts('receivedBytesPerSecond', 1e-3) },
    { label: 'sent', colour: 's2', of: ofHosts('sentBytesPerSecond', 1e-3) },
  ] },
]

var graveTypes = ['launcher-lost', 'interrupted', 'aborted', 'warning']
var marked = ['phase', 'steered', 'stopped', 'duration-reached', 'launcher-handover', 'launcher-respawn'].concat(graveTypes)

// A dashed line for each event that the curves need to be understood.
function drawMarks(plot) {
  var context = plot.ctx
  var scale = plot.scales.x
  context.save()
  context.lineWidth = uPlot.pxRatio
  context.setLineDash([3 * uPlot.pxRatio, 3 * uPlot.pxRatio])
  state.events.forEach(function (event) {
    var at = event.atMs / 1000
    if (marked.indexOf(event.type) < 0 || at < scale.min || at > scale.max) return
    var x = Math.round(plot.valToPos(at, 'x', true))
    var grave = graveTypes.indexOf(event.type) >= 0
    context.strokeStyle = colour(grave ? 'bad' : event.type === 'steered' ? 's4' : 'muted')
    context.beginPath()
    context.moveTo(x, plot.bbox.top)
    context.lineTo(x, plot.bbox.top + plot.bbox.height)
    context.stroke()
  })
  context.restore()
}

function axis(extra) {
  return Object.assign({
    stroke: function () { return colour('muted') },
    grid: { stroke: function () { return colour('line') }, width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  }, extra)
}
function widest(values) {
  return values.reduce(function (most, value) { return Math.max(most, value.length) }, 0)
}
function options(chart, width) {
  function marker(plot, index) {
    return index === 0 ? 'none' : 'var(--' + chart.series[index - 1].colour + ')'
  }
  return {
    width: width,
    height: width < 480 ? 180 : 210,
    padding: [12, 14, 0, 0],
    cursor: { y: false, sync: { key: 'run' }, drag: { x: false, y: false } },
    legend: { markers: { width: 0, fill: marker } },
    scales: {
      x: { time: false, range: function (plot, min, max) {
        var end = Math.max(max, 10)
        return [Math.max(0, end - span), end]
      } },
      y: { range: function (plot, min, max) { return [0, max > 0 ? max * 1.08 : 1] } },
    },
    axes: [
      axis({
        space: 60, size: 28,
        incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600],
        values: function (plot, splits) { return splits.map(clock) },
      }),
      axis({
        space: 36,
        size: function (plot, values) { return values ? 16 + 7 * widest(values) : 50 },
        values: function (plot, splits) {
          return splits.map(function (value) { return value.toLocaleString('en-US', { maximumSignificantDigits: 6 }) })
        },
      }),
    ],
    series: [{ label: 'time', value: function (plot, value) { return value == null ? '–' : clock(value) } }].concat(
      chart.series.map(function (series) {
        return {
          label: series.label,
          stroke: function () { return colour(series.colour) },
          fill: series.filled ? function () {
            return 'color-mix(in srgb, ' + colour(series.colour) + ' 14%, transparent)'
          } : undefined,
          width: 1.5,
          dash: series.dashed ? [5, 4] : undefined,
          points: { show: false },
          value: function (plot, value) { return number(value) },
        }
      }),
    ),
    hooks: { draw: [drawMarks] },
  }
}

function chartData(chart) {
  var from = Math.max(0, state.seconds.length - span)
  var shown = state.seconds.slice(from)
  return [shown.map(function (second) { return second.atMs / 1000 })].concat(chart.series.map(function (series) {
    return shown.map(function (second, index) {
      return series.of(second, index === 0 ? state.seconds[from - 1] : shown[index - 1])
    })
  }))
}

function describe(chart, data) {
  var last = data[0].length - 1
  if (last < 0) return
  var parts = chart.series.map(function (series, index) { return series.label + ' ' + number(data[index + 1][last]) })
  put(document.getElementById('description-' + chart.id), 'At ' + clock(data[0][last]) + ': ' + parts.join(', ') + '.')
}

function drawCharts() {
  plots.forEach(function (each) {
    var data = chartData(each.chart)
    each.plot.setData(data)
    if (each.plot.cursor.idx == null) each.plot.setLegend({ idx: data[0].length - 1 })
    describe(each.chart, data)
  })
}

function makeCharts() {
  charts.forEach(function (chart) {
    var place = document.querySelector('#chart-' + chart.id + ' .plot')
    var plot = new uPlot(options(chart, place.clientWidth), chartData(chart), place)
    plots.push({ chart: chart, plot: plot })
    new ResizeObserver(function () {
      var width = place.clientWidth
      if (width > 0 && width !== plot.width) plot.setSize({ width: width, height: width < 480 ? 180 : 210 })
    }).observe(place)
  })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', function () {
    plots.forEach(function (each) { each.plot.redraw(false, true) })
  })
}
`
